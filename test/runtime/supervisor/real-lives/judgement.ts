import { budgetOf } from "../../../../runtime/supervisor/budget.ts";
import type { Reason } from "../../../../runtime/supervisor/exit.ts";
import { only } from "./facts.ts";
import { GRACE } from "./fate.ts";
import type { Lived } from "./life.ts";
import type { Living } from "./living.ts";

/** What a machine that is busy may add to any time, in milliseconds: a dozen lives run at once, beside other tests. */
const ROOM = 20_000;

/** What a life has shown that none may show. */
export function wrongIn(lived: Lived): readonly string[] {
  return [...orderOf(lived), ...termsOf(lived), ...endOf(lived), ...codeOf(lived), ...recordsOf(lived)];
}

/** Nothing is given back, and no worker starts, while something of a worker lives. */
function orderOf(lived: Lived): readonly string[] {
  const { facts, left } = lived;
  return [
    ...only(facts, "given back")
      .filter(({ alive }) => alive.length > 0)
      .map(({ kind, ids, alive }) => `${kind} ${ids.join(", ")} given back while ${shown(alive)} lived`),
    ...only(facts, "starts")
      .filter(({ alive }) => alive.length > 0)
      .map(({ alive }) => `a worker was started while ${shown(alive)} of the one before lived`),
    ...(left.length > 0 && !isUnconfirmed(lived) ? [`${shown(left)} outlived the runtime`] : []),
  ];
}

/** One SIGTERM each, of the runtime, and none to those whose parent tells them. */
function termsOf(lived: Lived): readonly string[] {
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

/** From its SIGTERM a life has its budget, and what it was frozen for. */
function endOf(lived: Lived): readonly string[] {
  const { fate, ended, sent } = lived;
  // What outlives it has its standard output.
  if (isUnconfirmed(lived)) return [];
  if (ended === undefined) return ["it did not end"];
  const told = sent.find(({ name }) => name === "SIGTERM" || name === "SIGINT");
  const wrong: string[] = [];
  if (told === undefined) return wrong;
  const took = ended - told.sent;
  const budget = budgetOf(GRACE);
  const latest = budget.exit + frozen(sent) + ROOM;
  if (took > latest) wrong.push(`it took ${Math.round(took)} ms from its SIGTERM to its end`);
  const early = sent.length > 1 || fate.worker.ends !== null || fate.settings.runFor !== undefined;
  const lives = fate.worker.onTerm === null && fate.shells === 0 && fate.from === "the worker's first word";
  if (!early && lives && took < budget.kill - 50)
    wrong.push(`a worker that does not hear was killed ${Math.round(took)} ms after the SIGTERM`);
  return wrong;
}

function frozen(sent: Lived["sent"]): number {
  const from = sent.find(({ name }) => name === "SIGSTOP");
  const to = sent.find(({ name, sent }) => name === "SIGCONT" && from !== undefined && sent > from.sent);
  return from === undefined || to === undefined ? 0 : to.sent - from.sent;
}

/** The exit code is the documented one of the reason, and the reason one that this life can have. */
function codeOf(lived: Lived): readonly string[] {
  const { fate, sent, code, signal, lines } = lived;
  const last = lines.at(-1);
  if (signal !== null || last?.event !== "runtime_exited")
    return [`it ended by ${signal ?? `exit ${code}`}, and its last line is ${last?.event}`];
  const reason = last.reason as Reason;
  const own = ownCodes({ fate, sent });
  const codes: Partial<Record<Reason, readonly number[]>> = {
    ...(sent.some(({ name }) => name === "SIGTERM") && { terminated: [143] }),
    ...(sent.some(({ name }) => name === "SIGINT") && { interrupted: [130] }),
    ...(fate.settings.runFor !== undefined && { runOver: [0] }),
    ...(isUnconfirmed(lived) && { stuck: [70] }),
    ...(ends(fate) ? { gaveUp: own.map((code) => (code === 0 ? 70 : code)) } : { workerEnded: own }),
  };
  return codes[reason]?.includes(code ?? -1) ? [] : [`exit ${code} for ${reason}`];
}

/** Whether the calendar or AGENT_RUN_FOR ends the work. */
function ends({ settings }: Lived["fate"]): boolean {
  return settings.calendar !== undefined || settings.runFor !== undefined;
}

/** What a worker that ends with nobody leaving can end with. */
function ownCodes({ fate, sent }: Pick<Lived, "fate" | "sent">): readonly number[] {
  const how = fate.worker.ends?.how;
  return [
    ...(how === undefined ? [] : [{ SIGKILL: 137, SIGABRT: 134 }[how] ?? Number(how)]),
    ...(sent.some(({ to }) => to === "worker") ? [137] : []),
  ];
}

/** Whether it was seen in time that nothing of the worker lived: on a machine that is this busy it may not be. */
export function isUnconfirmed({ lines }: Lived): boolean {
  return lines.some(({ event }) => event === "kill_unconfirmed");
}

/** Nothing is kept either: what was claimed is free, and the container's record says that it stopped. */
function recordsOf(lived: Lived): readonly string[] {
  const { facts } = lived;
  const left = only(facts, "left");
  const back = only(facts, "given back");
  if (isUnconfirmed(lived)) {
    return left.some(({ kind, record }) => kind === "containers" && record.state === "stopped")
      ? ["a container is stopped whose worker may live"]
      : [];
  }
  return left.flatMap(({ kind, record }) => {
    const { state } = (kind === "containers" ? record : (record.lease ?? {})) as { readonly state?: string };
    if (state === undefined) return record.status === "queued" ? [] : [`${kind} ${record.id} has no lease`];
    if (state !== (kind === "containers" ? "stopped" : "free")) return [`${kind} ${record.id} was left as ${state}`];
    return back.some((write) => write.kind === kind && write.ids.includes(record.id))
      ? []
      : [`${kind} ${record.id} is ${state}, and nobody saw it given back`];
  });
}

function shown(alive: readonly Living[]): string {
  return alive
    .map(({ pid, state, parent, session }) => `${pid} (${state}, below ${parent}, session ${session})`)
    .join(", ");
}
