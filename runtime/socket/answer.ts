import { event } from "../../domain/contract.ts";
import { count, describe, type Finding } from "../../domain/findings.ts";
import { Refusal, type RefusalCode } from "../lease/campaigns.ts";
import { stackOf } from "../message.ts";
import type { Log, Millis } from "../ports.ts";
import { StoreError } from "../store/store.ts";

/** What a call is answered with. */
export interface Answer {
  readonly status: number;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A call that is answered as it stands: nobody can do it, whatever the state of the campaigns. */
export class BadCall extends Error {
  override readonly name = "BadCall";
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(String(answer.body?.message));
    this.answer = answer;
  }
}

/** 400 with everything that is wrong with a call. */
export function invalid(findings: readonly Finding[]): BadCall {
  const message = `the call cannot be done: ${count(findings.length, "problem")}\n\n${describe(findings)}`;
  return new BadCall({ status: 400, body: { error: "invalid", message, problems: findings } });
}

/** With which status each refusal is answered. */
export const refusalStatus: Readonly<Record<RefusalCode, number>> = {
  absent: 404,
  held: 409,
  ambiguous: 409,
  draining: 409,
  cursor: 409,
  open_effect: 409,
  capacity: 409,
  fenced: 410,
};

/** Ours: the store's own timeout has gone by already, and most elections are over in a few seconds. */
const RETRY_AFTER = "1";

/** What went wrong with a call, as the worker is told. A bug is logged; the worker gets no stack. */
export function answerOf(problem: unknown, call: string, log: Log): Answer {
  if (problem instanceof BadCall) return problem.answer;
  if (problem instanceof Refusal) {
    const { code, message, details } = problem;
    return { status: refusalStatus[code], body: { error: code, message, details } };
  }
  if (problem instanceof StoreError) {
    return {
      status: 503,
      headers: { "retry-after": RETRY_AFTER },
      body: {
        error: "unavailable",
        message: "the database gave no answer that says what happened; repeat the same call, with the same ids",
      },
    };
  }
  log("ERROR", event.callFailed, `${call} met a bug of the runtime`, {
    error: stackOf(problem),
  });
  return {
    status: 500,
    body: { error: "internal", message: "a bug of the runtime, which is in its log; repeat the same call" },
  };
}

/** The monotonic clock as workers have it (Python's time.monotonic()): seconds, never later than it was. */
export function seconds(time: Millis): number {
  return Math.floor(time * 1000) / 1e6;
}
