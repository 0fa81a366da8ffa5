import type { Clock, Millis, Random } from "../../ports.ts";

/** What becomes of one operation between a container and the server. */
export interface Fate {
  /** How long the request takes; `lost`: it never arrives. */
  readonly request: Millis | "lost";
  /** How long the answer takes; `lost`: the operation happened, and nobody hears of it. */
  readonly reply: Millis | "lost";
  /** The same request arrives once more, so much later than the first. Nobody hears of its answer. */
  readonly again?: Millis;
  /** The caller hears so soon that the connection broke, whatever becomes of the request. */
  readonly broken?: Millis;
}

/** One container's way to the server. Without faults, an answer takes a microtask. */
export interface Link {
  /** How much time passes for what is under way. Not the container's clock: that one may be wrong. */
  readonly after: Clock["after"];
  /** Asked once for each operation, for example `update campaigns`. */
  fate(operation: string): Fate;
}

/** How often each fault comes, from 0 to 1, and how long things take. All may be changed at any time. */
export interface Faults {
  lostRequest: number;
  lostReply: number;
  doubled: number;
  broken: number;
  /** The request lands so late that its caller has given up. */
  late: number;
  /** The longest that a request or an answer takes by itself; each takes some time up to that. */
  delay: Millis;
  /** The longest that a late or doubled request is under way. */
  lateness: Millis;
  /** Nothing gets through, either way, and nobody is told. */
  partitioned: boolean;
}

export const noFaults: Faults = {
  lostRequest: 0,
  lostReply: 0,
  doubled: 0,
  broken: 0,
  late: 0,
  delay: 0,
  lateness: 60_000,
  partitioned: false,
};

/** A link whose faults come by chance: with a seeded `random`, the same ones each time. */
export function faultyLink(faults: Faults, random: Random, after: Clock["after"]): Link {
  const happens = (chance: number) => random.fraction() < chance;
  const upTo = (most: Millis) => random.fraction() * most;
  return {
    after,
    fate() {
      // Chance is asked equally often whatever happens: turning one fault off leaves the others where they were.
      const lost = { request: happens(faults.lostRequest), reply: happens(faults.lostReply) };
      const late = happens(faults.late) ? upTo(faults.lateness) : upTo(0);
      const again = happens(faults.doubled) ? upTo(faults.lateness) : upTo(0);
      const broken = happens(faults.broken) ? upTo(faults.delay) : upTo(0) - 1;
      const request = upTo(faults.delay) + late;
      const reply = upTo(faults.delay);
      if (faults.partitioned) return { request: "lost", reply: "lost" };
      return {
        request: lost.request ? "lost" : request,
        reply: lost.reply ? "lost" : reply,
        ...(again > 0 && { again }),
        ...(broken >= 0 && { broken }),
      };
    },
  };
}
