import { budgetOf, CONFIRM_AT_END } from "../../../../runtime/supervisor/budget.ts";
import type { Reason } from "../../../../runtime/supervisor/exit.ts";
import { only } from "./facts.ts";
import { GRACE } from "./fate.ts";
import type { Lived } from "./life.ts";
import { shown } from "./living.ts";
import { termsOf } from "./terms.ts";
import { frozen, isUnconfirmed, sawSomething, unconfirmedOf } from "./unconfirmed.ts";

/**
 * What a machine may add to the budget, in milliseconds, beside the time for which the runtime had no CPU: its worker, tini
 * and this process wait for one too, and what it reads in `/proc` is long where eight lives fork at once. The more it had
 * to wait, the more did the others.
 */
const allowance = (lost: number) => 2_000 + lost / 4;

/** What a life has shown that none may show. */
export function wrongIn(lived: Lived): readonly string[] {
  return [
    ...orderOf(lived),
    ...termsOf(lived),
    ...endOf(lived),
    ...codeOf(lived),
    ...recordsOf(lived),
    ...unconfirmedOf(lived),
  ];
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
    // In doubt of it the next judges: what was seen to live then may do so still.
    ...(left.length > 0 && !sawSomething(lived) ? [`${shown(left)} outlived the runtime`] : []),
  ];
}

/** From its SIGTERM a life has its budget. Half of them are held to it without the allowance: `real-lives.test.ts`. */
function endOf(lived: Lived): readonly string[] {
  const { fate, ended, sent } = lived;
  if (ended === undefined) return ["it did not end"];
  const took = timeToEnd(lived);
  if (took === undefined) return [];
  const wrong: string[] = [];
  const budget = budgetOf(GRACE);
  // Of a grace this short the looks for who outlives the kill take more than is left, and then nothing is given back.
  const latest = isUnconfirmed(lived) ? budget.kill + CONFIRM_AT_END : budget.exit;
  if (took.own > latest + allowance(took.whole - took.own))
    wrong.push(`it took ${Math.round(took.own)} ms of its own from its SIGTERM to its end`);
  const early = sent.length > 1 || fate.worker.ends !== null || fate.settings.runFor !== undefined;
  const lives = fate.worker.onTerm === null && fate.shells === 0 && fate.from === "the worker's first word";
  if (!early && lives && took.whole < budget.kill - 50)
    wrong.push(`a worker that does not hear was killed ${Math.round(took.whole)} ms after the SIGTERM`);
  return wrong;
}

/**
 * From the first signal that tells it to leave: the whole time, and at least so much of it its own, without what it was
 * frozen for or had no CPU for.
 */
export function timeToEnd({ ended, sent, facts }: Lived): { readonly whole: number; readonly own: number } | undefined {
  const told = sent.find(({ name }) => name === "SIGTERM" || name === "SIGINT");
  if (told === undefined || ended === undefined) return undefined;
  const whole = ended - told.sent;
  const queued = (only(facts, "over")[0]?.queued ?? 0) - told.queued;
  return { whole, own: whole - frozen(sent, told.sent, ended) - Math.max(0, queued) };
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

/**
 * Nothing is kept either: what was claimed is free, and the container's record says that it stopped. Where something may
 * live it is the other way round; but what was given back before that is free there too.
 */
function recordsOf(lived: Lived): readonly string[] {
  const { facts } = lived;
  const doubt = isUnconfirmed(lived);
  const back = only(facts, "given back");
  return only(facts, "left").flatMap(({ kind, record }) => {
    const { state } = (kind === "containers" ? record : (record.lease ?? {})) as { readonly state?: string };
    if (state === undefined) return record.status === "queued" ? [] : [`${kind} ${record.id} has no lease`];
    const given = state === (kind === "containers" ? "stopped" : "free");
    if (!given) return doubt ? [] : [`${kind} ${record.id} was left as ${state}`];
    if (doubt && kind === "containers") return ["a container is stopped whose worker may live"];
    return back.some((write) => write.kind === kind && write.ids.includes(record.id))
      ? []
      : [`${kind} ${record.id} is ${state}, and nobody saw it given back`];
  });
}
