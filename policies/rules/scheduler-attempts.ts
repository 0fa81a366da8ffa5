import { ATTEMPT_DEADLINE, MOST_RETRIES } from "../../domain/scheduler.ts";
import { known, knownText, ofTypes, type ResourceRule } from "../rule.ts";
import { SCHEDULER_JOB } from "../types.ts";

export const schedulerAttempts: ResourceRule = {
  name: "scheduler-attempts",
  title: "How long a scheduled call may take, and how often it is repeated, is stated and bounded",
  level: "mandatory",
  why: "Google refuses what is out of bounds half-way through a deployment, and what is left out keeps what was there before.",
  remedy: `State attemptDeadline (${ATTEMPT_DEADLINE.min}s to ${ATTEMPT_DEADLINE.max}s), and up to ${MOST_RETRIES} retries; for none leave retryConfig out.`,
  from: [17],
  appliesTo: ofTypes(SCHEDULER_JOB),
  check: ({ inputs }) => [
    ...knownText(inputs, "attemptDeadline", (text) => {
      if (text === "") return [{ problem: "attemptDeadline is left out." }];
      const seconds = /^\d+(\.\d{1,9})?s$/.test(text) ? Number(text.slice(0, -1)) : Number.NaN;
      return seconds >= ATTEMPT_DEADLINE.min && seconds <= ATTEMPT_DEADLINE.max
        ? []
        : [
            {
              problem: `attemptDeadline is ${text}: Cloud Scheduler waits ${ATTEMPT_DEADLINE.min}s to ${ATTEMPT_DEADLINE.max}s.`,
            },
          ];
    }),
    ...known(inputs, "retryConfig.retryCount", (count) =>
      count === undefined ||
      (typeof count === "number" && Number.isInteger(count) && count >= 0 && count <= MOST_RETRIES)
        ? []
        : [
            {
              problem: `retryConfig.retryCount is ${String(count)}: Cloud Scheduler retries at most ${MOST_RETRIES} times.`,
            },
          ],
    ),
  ],
};
