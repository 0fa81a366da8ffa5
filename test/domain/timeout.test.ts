import { expect, test } from "vitest";
import { type Margins, shiftsOfWeek, type Window } from "../../domain/hours.ts";
import { timeoutProblem } from "../../domain/timeout.ts";
import { dental, window } from "./clinic.ts";

const margins: Margins = { lead: 0, drain: 900 };

function said(timeout: number, windows: readonly Window[], timeZone = "Asia/Karachi") {
  const shifts = shiftsOfWeek(windows, margins);
  if (shifts === "endless") throw new Error("endless");
  const found = timeoutProblem(timeout, timeZone, shifts, margins);
  return found && `${found.problem} ${found.remedy}`;
}

const hour = 3600;

test.each<[string, number, readonly Window[], string | undefined]>([
  [
    "names the uncovered hours and both ways out",
    4 * hour,
    [window("weekday", "mon-fri 09:00-17:00")],
    "4h leaves mon-fri 13:00-17:00 without a worker. Leave timeout out (8h25m is derived), or close at 12:35.",
  ],
  [
    "tells calls that are cut from hours without a worker, as in source 001",
    4 * hour,
    dental,
    "4h leaves mon-fri 13:00-17:00 without a worker and cuts calls that run on after sat 14:00. " +
      "Leave timeout out (8h25m is derived), or close mon-fri at 12:35 and sat at 13:35.",
  ],
  [
    "a night that is cut short after midnight is the next day's morning",
    6 * hour,
    [window("night", "mon-thu 20:00-06:00")],
    "6h leaves tue-fri 02:00-06:00 without a worker. Leave timeout out (10h25m is derived), or close at 01:35.",
  ],
  [
    "hours that are missing for days have two days",
    24 * hour,
    [window("day", "mon-wed 00:00-24:00")],
    "24h leaves tue 00:00 to thu 00:00 without a worker. Leave timeout out (72h25m is derived), or close at 23:35.",
  ],
  [
    "too short for any closing, it suggests none",
    20 * 60,
    [window("weekday", "mon-fri 09:00-17:00")],
    "20m leaves mon-fri 09:20-17:00 without a worker. Leave timeout out (8h25m is derived).",
  ],
  ["long enough, nothing is wrong", 8 * hour + 25 * 60, dental, undefined],
])("%s", (_, timeout, windows, expected) => {
  expect(said(timeout, windows)).toBe(expected);
});

test("a timeout that fits every ordinary night is refused for the one in autumn that has an hour more", () => {
  const night = [window("night", "sat 20:00-06:00")];
  expect(said(10 * hour + 25 * 60, night, "America/New_York")).toBe(
    "10h25m is 1h short on a night when America/New_York sets its clocks back. Leave timeout out (11h25m is derived).",
  );
  expect(said(11 * hour + 25 * 60, night, "America/New_York")).toBeUndefined();
});
