import { calendar, dental, utc } from "../../domain/clinic.ts";
import { type FakeChild, type World, type WorldOptions, world } from "./stand-ins.ts";

export const HOUR = 3_600_000;
export const hours = calendar(dental, { lead: 300, drain: 900 });
const inHours = utc("2027-06-07 08:00");
export const closing = utc("2027-06-07 12:00");

/** A container that starts on a Monday at 13:00 in the clinic. */
export function atWork(options: WorldOptions = {}): World {
  return world({ wall: inHours, ...options, settings: { calendar: hours, ...options.settings } });
}

/** @param after milliseconds */
export const exitsOnTerm = (after: number, code: number, clock: () => World["clock"]) => (child: FakeChild) => {
  child.onTerm = () => void clock().after(after, () => child.end({ code }));
};
