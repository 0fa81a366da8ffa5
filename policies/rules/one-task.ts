import { MOST_TASK_RETRIES } from "../../domain/hours.ts";
import { known, ofTypes, type ResourceRule } from "../rule.ts";
import { JOB } from "../types.ts";

export const oneTask: ResourceRule = {
  name: "one-task",
  title: "A worker's Job states one task at a time, and how often it is restarted",
  level: "mandatory",
  why: "A second task is a second worker that answers the same calls, and a number that is left out keeps what was there before.",
  remedy: `State template.taskCount: 1, template.parallelism: 1 and maxRetries (0 to ${MOST_TASK_RETRIES}).`,
  from: [7],
  appliesTo: ofTypes(JOB),
  check: ({ inputs }) => [
    ...["template.taskCount", "template.parallelism"].flatMap((path) =>
      known(inputs, path, (value) =>
        value === 1
          ? []
          : [{ problem: `${path} is ${value === undefined ? "left out" : String(value)}, and a worker is one task.` }],
      ),
    ),
    ...known(inputs, "template.template.maxRetries", (value) =>
      typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MOST_TASK_RETRIES
        ? []
        : [
            {
              problem: `template.template.maxRetries is ${value === undefined ? "left out" : String(value)}: Cloud Run takes 0 to ${MOST_TASK_RETRIES}.`,
            },
          ],
    ),
  ],
};
