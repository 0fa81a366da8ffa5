import { event } from "../../../domain/contract.ts";
import type { EventName } from "../../../domain/events.ts";
import { OwnContainer } from "../../../runtime/lease/container.ts";
import { HeldOff } from "../../../runtime/lease/held-off.ts";
import { Holdings } from "../../../runtime/lease/holdings.ts";
import { Orphans } from "../../../runtime/lease/orphans.ts";
import { shiftTable } from "../../../runtime/lease/shift-table.ts";
import { timingOf } from "../../../runtime/lease/timing.ts";
import { type FaultName, faultNames } from "./fault-names.ts";

/** How often each thing happened that has to happen for a proof to mean anything. */
export type Counts = Record<string, number>;

const counts: Counts = {};

function count(what: string): void {
  counts[what] = (counts[what] ?? 0) + 1;
}

/** @returns what was counted since it was last taken */
export function takeCounts(): Counts {
  const taken = { ...counts };
  for (const what of Object.keys(counts)) delete counts[what];
  return taken;
}

/** What a start does, row by row: those of the table, and those that stand before and after it. */
export const shiftRows = [
  "outside every window",
  "a little before the opening",
  ...shiftTable.map(({ sees }) => sees),
  "no answer, or no decision in time",
  "working without a lease, and then with it",
  "working, and another has the shift",
] as const;

/** What keeps an observer from taking what somebody still has. */
export const guards = [
  "watched by itself",
  "begun anew after a gap of its own",
  "begun anew after a move of its machine",
  "begun anew after a new primary",
  "begun anew after a look without an answer",
  "held, since most look dead at once",
  "held, since it was not heard of itself",
  "no room for another campaign",
  "left alone after a lost race",
] as const;

/** Two faults within this time of each other, in one world. */
const TOGETHER = 60_000;

export const pairs = faultNames.flatMap((one, at) => faultNames.slice(at).map((other) => pairOf(one, other)));

function pairOf(one: FaultName, other: FaultName): string {
  return faultNames.indexOf(one) <= faultNames.indexOf(other) ? `${one} + ${other}` : `${other} + ${one}`;
}

export function countPairs(faults: readonly { readonly kind: FaultName; readonly at: number }[]): void {
  const met = new Set<string>();
  faults.forEach(({ kind, at }, index) => {
    for (const later of faults.slice(index + 1)) if (later.at - at <= TOGETHER) met.add(pairOf(kind, later.kind));
  });
  for (const pair of met) count(pair);
}

export function countLine(name: EventName, message: string): void {
  if (name === event.shiftClosed && !message.startsWith("This shift")) count("outside every window");
  if (name === event.shiftWaits) count("a little before the opening");
  if (name === event.leaseUnavailable && message.startsWith("Whose")) count("no answer, or no decision in time");
  if (name === event.leaseAvailable) count("working without a lease, and then with it");
  if (name === event.shiftLost) count("working, and another has the shift");
  if (name === event.takeoverHeld) count("held, since most look dead at once");
}

export function countObserved(): void {
  count("watched by itself");
}

/** What is inside the production code is counted where it goes by; nothing that it does is changed. */
function instrument(): void {
  for (const row of shiftTable) {
    const { fits } = row;
    Object.assign(row, { fits: (view: Parameters<typeof fits>[0]) => noted(row.sees, fits(view)) });
  }
  const { roomFor } = Holdings.prototype;
  Holdings.prototype.roomFor = function (many) {
    const room = roomFor.call(this, many);
    noted("no room for another campaign", !room);
    return room;
  };
  const { has } = HeldOff.prototype;
  HeldOff.prototype.has = function (id) {
    return noted("left alone after a lost race", has.call(this, id));
  };
  const { due, startAnew } = Orphans.prototype;
  // A sweep asks it each time: it keeps nothing from anybody where nothing is due.
  let asksInVain = false;
  Orphans.prototype.due = function () {
    asksInVain = this.still(1)[0]?.dueInSeconds !== 0;
    const all = due.call(this);
    asksInVain = false;
    return all;
  };
  Orphans.prototype.startAnew = function () {
    count(`begun anew after ${causeOfStart()}`);
    startAnew.call(this);
  };
  const heartbeatAge = Object.getOwnPropertyDescriptor(OwnContainer.prototype, "heartbeatAge")?.get;
  if (heartbeatAge === undefined) throw new Error("no container says how old its heartbeat is");
  Object.defineProperty(OwnContainer.prototype, "heartbeatAge", {
    get(this: OwnContainer) {
      const age: number | undefined = heartbeatAge.call(this);
      const tooOld = age !== undefined && age > timingOf(30, 120).gap;
      noted("held, since it was not heard of itself", tooOld && !asksInVain);
      return age;
    },
  });
}

function noted(what: string, holds: boolean): boolean {
  if (holds) count(what);
  return holds;
}

/** By who called: four places do, each for a reason of its own. @throws Error when there is another */
function causeOfStart(): string {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 6;
  const { stack = "" } = new Error("who calls");
  Error.stackTraceLimit = stackTraceLimit;
  if (stack.includes("resumed")) return "a move of its machine";
  if (stack.includes("#look")) return "a look without an answer";
  if (stack.includes("onGap")) return "a gap of its own";
  if (stack.includes("lease-keeper")) return "a new primary";
  throw new Error(`an observation begins anew for a reason of which coverage.ts does not know: ${stack}`);
}

instrument();
