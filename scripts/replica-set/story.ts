/** All that is known of one campaign, in the order in which it happened: what a violation is found out from. Pure. */
import type { Deed } from "./check.ts";
import type { State, Write } from "./history.ts";

/** What a container said. */
export interface Said {
  /** When it was heard, in seconds of CLOCK_MONOTONIC. */
  readonly at: number;
  /** Where the container is. */
  readonly seat: string;
  readonly message: string;
  /** About which campaigns; none when it was about the container itself. */
  readonly campaigns: readonly string[];
}

/** What was done to the set or to a container. */
export interface Hurt {
  readonly at: number;
  readonly what: string;
}

export interface Told {
  readonly writes: readonly Write[];
  readonly deeds: readonly Deed[];
  readonly said: readonly Said[];
  readonly hurts: readonly Hurt[];
}

interface Line {
  readonly at: number;
  readonly text: string;
}

/**
 * @param told of all campaigns and containers. A container that said anything of this one is heard on itself too.
 * @returns a line for each, with the seconds since the first
 */
export function storyOf(campaign: string, { writes, deeds, said, hurts }: Told): readonly string[] {
  const own = writes.filter((write) => write.campaign === campaign).filter((write) => changed(write) !== "");
  const lines: Line[] = [
    ...own.map((write) => ({ at: write.from, text: `written, within ${span(write)}: ${changed(write)}` })),
    ...deeds
      .filter((deed) => deed.campaign === campaign && deed.kind !== "going")
      .map(({ at, kind, cursor, epoch, attemptId }) => ({
        at,
        text: `${kind} ${cursor} of epoch ${epoch}: ${attemptId}`,
      })),
  ];
  const [from, to] = [Math.min(...lines.map(({ at }) => at)) - AROUND, Math.max(...lines.map(({ at }) => at)) + AROUND];
  const meanwhile = <T extends { readonly at: number }>(all: readonly T[]) =>
    all.filter(({ at }) => at >= from && at <= to);
  const about = meanwhile(said).filter(({ campaigns }) => campaigns.includes(campaign));
  const seats = new Set(about.map(({ seat }) => seat));
  const theirs = meanwhile(said).filter(({ seat, campaigns }) => seats.has(seat) && campaigns.length === 0);
  lines.push(...[...about, ...theirs].map(({ at, seat, message }) => ({ at, text: `${seat}: ${message}` })));
  lines.push(...meanwhile(hurts).map(({ at, what }) => ({ at, text: `fault: ${what}` })));
  return lines.toSorted((a, b) => a.at - b.at).map(({ at, text }) => `${(at - from).toFixed(3).padStart(9)}  ${text}`);
}

/** Seconds before the first and after the last that is known of a campaign itself. */
const AROUND = 3;

function span({ from, to }: Write): string {
  return `${(to - from).toFixed(3)} s`;
}

/** A heartbeat changes nothing of it. */
function changed({ before, after }: Write): string {
  const fields = (Object.keys(after) as (keyof State)[]).filter((field) => field !== "hbSeq");
  return fields
    .filter((field) => text(before[field]) !== text(after[field]))
    .map((field) => `${field} ${text(before[field])} → ${text(after[field])}`)
    .join(", ");
}

function text(value: State[keyof State]): string {
  return typeof value === "object" ? value.attemptId : String(value ?? "") || "none";
}
