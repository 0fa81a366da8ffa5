import { only, type Told } from "./facts.ts";
import type { Fate } from "./fate.ts";
import type { Lived } from "./life.ts";
import { shown } from "./living.ts";

/** Whether it was not seen in time that nothing of the worker lived. */
export function isUnconfirmed({ lines }: Lived): boolean {
  return lines.some(({ event }) => event === "kill_unconfirmed");
}

/** Whether something of the worker was seen to live when the runtime gave up. */
export function sawSomething({ facts }: Lived): boolean {
  return only(facts, "unconfirmed").some(({ alive }) => alive.length > 0);
}

/**
 * What may keep a runtime from seeing that all are dead, in half a second:
 *
 * - It had no time to look: it was frozen, or had no CPU, for most of that, and came to a look or three of the 25 due.
 * - Something lives, of a worker that forks all the time: a look misses who is born during it.
 * - Others fork. All lives share one PID namespace, and somebody that is in the list of processes and has ended when it
 *   is read might have been the parent of one that is not in it. Each of three looks has to meet such a one, so that two
 *   at least are born between the first and the last.
 */
export type Excuse = "it was frozen" | "it had no CPU" | "it forks" | "others fork";

const FEW_LOOKS = 3;
const BORN_IN_A_LOOK = 2;

/** @returns undefined where nothing excuses it: then the runtime kept campaigns of a worker that was seen dead. */
export function excuseOf({ fate, facts, sent }: Lived): Excuse | undefined {
  const [given] = only(facts, "unconfirmed");
  const kills = only(facts, "kills").findLast(({ at }) => at < (given?.at ?? 0));
  if (given === undefined || kills === undefined) return undefined;
  const half = (given.at - kills.at) / 2;
  const stopped = frozen(sent, kills.at, given.at);
  if (given.looks <= FEW_LOOKS) {
    if (stopped > half) return "it was frozen";
    if (stopped + given.queued - kills.queued > half) return "it had no CPU";
  }
  if (given.alive.length > 0) return forks(fate) ? "it forks" : undefined;
  return given.born >= BORN_IN_A_LOOK ? "others fork" : undefined;
}

/** Whether what is left when such a worker is killed may still be forking. */
function forks({ worker: { jobs, forks } }: Fate): boolean {
  return forks !== undefined || jobs.some(({ hops }) => hops > 0);
}

/** For how long the runtime was stopped between two moments. */
export function frozen(sent: Lived["sent"], from: number, to: number): number {
  const stop = sent.find(({ name }) => name === "SIGSTOP");
  const goesOn = sent.find(({ name, sent }) => name === "SIGCONT" && stop !== undefined && sent >= stop.sent);
  if (stop === undefined) return 0;
  return Math.max(0, Math.min(goesOn?.sent ?? to, to) - Math.max(stop.sent, from));
}

/** That the kill was not confirmed was possible, and nothing is given back from then on. */
export function unconfirmedOf(lived: Lived): readonly string[] {
  if (!isUnconfirmed(lived)) return [];
  const { facts } = lived;
  const [first] = only(facts, "unconfirmed");
  const excuse = excuseOf(lived);
  return [
    ...(excuse === undefined ? [`nothing excuses that the kill was not confirmed: ${toldOf(first)}`] : []),
    ...only(facts, "given back")
      .filter(({ at }) => first !== undefined && at > first.at)
      .map(({ kind, ids }) => `${kind} ${ids.join(", ")} given back though something may live`),
  ];
}

function toldOf(unconfirmed: Told<Extract<Told, { what: "unconfirmed" }>> | undefined): string {
  if (unconfirmed === undefined) return "nobody saw how it was";
  const { alive, looks, born } = unconfirmed;
  return `${alive.length > 0 ? shown(alive) : "nothing"} lived, after ${looks} looks, with ${born} born in the last`;
}
