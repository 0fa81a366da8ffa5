import { budgetOf } from "../../../../runtime/supervisor/budget.ts";
import { only, type Started, type Told } from "./facts.ts";
import { GRACE } from "./fate.ts";
import type { Lived } from "./life.ts";

/** What is wrong with the SIGTERMs: one each, of the runtime, and none to those whose parent tells them. */
export function termsOf(lived: Lived): readonly string[] {
  return [...sendsOf(lived), ...untoldOf(lived), ...arrivalsOf(lived)];
}

/** Where they are sent, since two at once arrive as one. */
function sendsOf({ facts }: Lived): readonly string[] {
  const sends = only(facts, "sends");
  const runs = only(facts, "runs");
  const drain = drainOf(facts);
  const wrong: string[] = [];
  for (const [n, { to, at, below }] of sends.entries()) {
    if (to <= 0) wrong.push(`a SIGTERM was sent to the whole group ${-to}`);
    if (sends.findIndex((other) => other.to === to) < n) wrong.push(`a second SIGTERM was sent to ${to}`);
    if (below) wrong.push(`a SIGTERM was sent to ${to} while its parent lived`);
    if (drain === undefined || at < drain.at) wrong.push(`a SIGTERM was sent to ${to} before it was to leave`);
    const leader = runs.some(({ worker }) => worker === to);
    if (!leader && !only(facts, "exited").some((exited) => exited.worker === runs.at(-1)?.worker && exited.at <= at))
      wrong.push(`a SIGTERM was sent to ${to} while its worker lived`);
  }
  return wrong;
}

/** Who must have got one and was sent none: the worker's own process, and whoever of the others had lost its parent. */
function untoldOf({ facts }: Lived): readonly string[] {
  const drain = drainOf(facts);
  const leader = only(facts, "runs").at(-1)?.worker;
  if (drain === undefined || leader === undefined) return [];
  const told = new Set(only(facts, "sends").map(({ to }) => to));
  const exited = only(facts, "exited").find(({ worker }) => worker === leader)?.at ?? FOREVER;
  if (!told.has(leader))
    return exited < drain.at ? [] : [`worker ${leader} was to leave, and no SIGTERM was sent to it`];
  const killed = only(facts, "says").find(({ event }) => event === "worker_killed")?.at ?? FOREVER;
  const look = only(facts, "looks for orphans").findLast(({ at }) => at > exited)?.at;
  if (look === undefined) return exited < killed ? ["nobody looked for those that the worker left"] : [];
  const since = only(facts, "starts").at(-1)?.at ?? 0;
  return only(facts, "started")
    .filter(({ at }) => at > since)
    .filter(({ pid }) => !told.has(pid) && !only(facts, "ends").some((ends) => ends.pid === pid))
    .filter((started) => aloneSince(facts, started, leader) < look)
    .map(({ pid, role }) => `${role} ${pid} had lost its parent when it was looked for, and no SIGTERM was sent to it`);
}

const FOREVER = Number.POSITIVE_INFINITY;
/** Between what a process writes down before it ends, or the fork of its child, and its end. */
const END_ROOM = 300;

/** From when on a process, once the leader has ended, is known to have no parent; never, where that is not known. */
function aloneSince(facts: readonly Told[], { at, parent, orphan, hops = 0 }: Told<Started>, leader: number): number {
  if (parent === leader) return at;
  if (orphan || hops > 0) return at + END_ROOM;
  const ends = only(facts, "ends").find(({ pid }) => pid === parent)?.at ?? FOREVER;
  return Math.max(at, ends + END_ROOM);
}

/** When the worker was told to end. Those that it left are told by the way. */
function drainOf(facts: readonly Told[]): Told | undefined {
  return only(facts, "says").find(({ event, reason }) => event === "drain_started" && reason !== "left");
}

/** Where they arrive: also those of others, as a shell's that hands on what it gets. */
function arrivalsOf(lived: Lived): readonly string[] {
  const { facts } = lived;
  const [runtime] = only(facts, "runtime");
  const terms = only(facts, "term");
  const wrong = terms
    .filter(({ pid, at }) => terms.some((other) => other.pid === pid && other.at < at))
    .map(({ pid, role }) => `${role} ${pid} got a second SIGTERM`);
  for (const { pid, role, sender, below } of terms) {
    // A shell in front is the leader: once it has ended, the worker's own jobs still have their parent.
    if (below && role === "job") wrong.push(`job ${pid} got a SIGTERM while its worker lived`);
    if (sender !== runtime?.pid) wrong.push(`${role} ${pid} got a SIGTERM of ${sender}, not of the runtime`);
  }
  const untold = mustHaveTerm(lived);
  if (untold !== undefined && !terms.some(({ pid }) => pid === untold))
    wrong.push(`worker ${untold} was to leave, and got no SIGTERM`);
  return wrong;
}

/** How long a worker that runs may take to take its SIGTERM out of the queue, on a busy machine. */
const TERM_ROOM = 600;

/** The last worker, where it had time enough to see its SIGTERM before it ended by itself or was killed. */
function mustHaveTerm({ fate, facts, sent }: Lived): number | undefined {
  const worker = only(facts, "started").findLast(({ role }) => role === "worker");
  const stops = sent.filter(({ name }) => name === "SIGTERM" || name === "SIGINT");
  const [first, second] = stops;
  if (worker === undefined || first === undefined) return undefined;
  const killed = Math.min(first.sent + budgetOf(GRACE).kill, second?.sent ?? Number.POSITIVE_INFINITY);
  const others = fate.shells > 0 || sent.some(({ name }) => name === "SIGKILL" || name === "SIGSTOP");
  const dies = fate.worker.ends === null ? Number.POSITIVE_INFINITY : worker.at + fate.worker.ends.at;
  const enough = Math.min(killed, dies) - first.sent > TERM_ROOM && worker.at < first.sent && !others;
  return enough && fate.settings.runFor === undefined ? worker.pid : undefined;
}
