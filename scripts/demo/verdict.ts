import { LONGEST_PAUSE } from "../../runtime/lease/sweep.ts";
import type { Call } from "./scene.ts";
import { callsEach, campaignIds, interval, observe, poll, trust } from "./stage.ts";

export interface Told {
  readonly calls: readonly Call[];
  /** Seconds since the story began. */
  readonly killedAt: number | undefined;
  readonly takenOverAt: number | undefined;
  /** What became of the call that A had begun when it was killed. */
  readonly open: { readonly campaign: string; readonly cursor: number } | undefined;
  readonly statuses: Readonly<Record<string, string>>;
}

export interface Check {
  readonly passed: boolean;
  readonly text: string;
}

/** B sees the last heartbeat at its next sweep. */
const SWEEP = LONGEST_PAUSE * interval;
/** What a machine that does other things too may add, in seconds. */
const SLACK = 2;

/** The earliest at which A, had it only been cut off, would certainly have stopped by itself. */
const least = trust - 1.5 * interval;
const most = SWEEP + observe + poll + SLACK;

/** What the demo is to show, and whether it did. */
export function verdict({ calls, killedAt, takenOverAt, open, statuses }: Told): readonly Check[] {
  const wanted = campaignIds.flatMap((id) => Array.from({ length: callsEach }, (_, cursor) => `${id} ${cursor}`));
  const made = calls.map(({ campaign, cursor }) => `${campaign} ${cursor}`);
  const twice = made.filter((call, at) => made.indexOf(call) !== at);
  const never = wanted.filter((call) => !made.includes(call));
  const seconds = killedAt === undefined || takenOverAt === undefined ? undefined : takenOverAt - killedAt;
  const again = calls.filter(({ campaign, cursor }) => campaign === open?.campaign && cursor === open.cursor).length;
  const incomplete = campaignIds.filter((id) => statuses[id] !== "completed");
  return [
    {
      passed: twice.length === 0 && never.length === 0 && made.length === wanted.length,
      text:
        twice.length + never.length === 0
          ? `${made.length} calls, each made exactly once (counted in the file of calls, not in the database)`
          : `made twice: ${twice.join(", ") || "none"}; never made: ${never.join(", ") || "none"}`,
    },
    {
      passed: seconds !== undefined && seconds >= least && seconds <= most,
      text:
        seconds === undefined
          ? "nobody took over the campaign of the container that was killed"
          : `${seconds.toFixed(1)} s from the kill to the takeover; due between ${least.toFixed(1)} s and ${most.toFixed(1)} s`,
    },
    {
      passed: open !== undefined && again === 1,
      text:
        open === undefined
          ? "A was not killed in a call"
          : `the call that A was killed in (patient ${open.cursor + 1} of ${open.campaign}) was made ${times(again)}`,
    },
    {
      passed: incomplete.length === 0,
      text: incomplete.length === 0 ? "both campaigns are completed" : `not completed: ${incomplete.join(", ")}`,
    },
  ];
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
