import { cronProblem } from "../../domain/cron.ts";
import { zoneProblem } from "../../domain/zone.ts";
import { knownText, ofTypes, type ResourceRule } from "../rule.ts";
import { SCHEDULER_JOB } from "../types.ts";

export const schedule: ResourceRule = {
  name: "schedule",
  title: "A schedule is a cron of five fields in a zone that is stated, and fires at given minutes",
  level: "mandatory",
  why: "Without a zone it is UTC, and a clinic's opening moves by an hour twice a year; each needless firing is a start, or a call to patients.",
  remedy: "State timeZone as a place, such as Asia/Karachi, and a schedule such as `0 9 * * 1-5`.",
  from: [16],
  appliesTo: ofTypes(SCHEDULER_JOB),
  check: ({ inputs }) => [
    ...knownText(inputs, "timeZone", (zone) => {
      if (zone === "") return [{ problem: "timeZone is left out: the schedule would be in UTC." }];
      const problem = zoneProblem(zone);
      return problem === undefined ? [] : [{ problem: `timeZone: ${problem}` }];
    }),
    ...knownText(inputs, "schedule", (cron) => {
      const problem = cron === "" ? "left out." : cronProblem(cron);
      return problem === undefined ? [] : [{ problem: `schedule: ${problem}` }];
    }),
  ],
};
