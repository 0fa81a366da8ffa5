import { taskTimeout } from "../../domain/calendar.ts";
import { decodeCalendar, variable } from "../../domain/contract.ts";
import { formatDuration, type Seconds } from "../../domain/duration.ts";
import { MAX_TASK_TIMEOUT, shiftsOfWeek } from "../../domain/hours.ts";
import { known, knownText, notYetKnown, ofTypes, type Problem, type ResourceRule } from "../rule.ts";
import { JOB } from "../types.ts";
import { at, isHidden } from "../value.ts";
import { inContainers, inEach } from "../workloads.ts";

/** With GPUs: https://docs.cloud.google.com/run/docs/configuring/task-timeout (November 2026) */
const MAX_WITH_GPU: Seconds = 3600;

const PATH = "template.template.timeout";

export const taskTimeoutRule: ResourceRule = {
  name: "task-timeout",
  title: "A task's timeout is stated, is one that Cloud Run has, and covers the longest shift",
  level: "mandatory",
  why: "Left out it is ten minutes, or whatever it was before; too short, it ends calls in the middle and counts as a failure.",
  remedy:
    "Leave `timeout` out of the worker's settings (it then follows from the office hours), or state whole seconds such as 30300s.",
  from: [6],
  appliesTo: ofTypes(JOB),
  check: (resource) =>
    knownText(resource.inputs, PATH, (text) => {
      if (text === "") return [{ problem: `${PATH} is left out.` }];
      if (!/^\d+(\.\d{1,9})?s$/.test(text))
        return [{ problem: `${PATH} is ${JSON.stringify(text)}: Cloud Run takes seconds with an s.` }];
      const timeout: Seconds = Number(text.slice(0, -1));
      return [
        ...known(resource.inputs, "template.template.nodeSelector.accelerator", (gpu) =>
          tooLong(timeout, gpu === undefined ? MAX_TASK_TIMEOUT : MAX_WITH_GPU),
        ),
        ...inContainers(resource, (container) =>
          inEach(container, "envs", (entry, path) => {
            const name = at(entry, "name");
            if (isHidden(name)) return [notYetKnown(`${path}.name`, name)];
            return name === variable.calendar ? tooShort(timeout, at(entry, "value")) : [];
          }),
        ),
      ];
    }),
};

function tooLong(timeout: Seconds, most: Seconds): readonly Problem[] {
  if (timeout > 0 && timeout <= most) return [];
  return [{ problem: `${PATH} is ${timeout} s: Cloud Run has tasks of up to ${formatDuration(most)}.` }];
}

/** @param calendar what the runtime is told of the office hours */
function tooShort(timeout: Seconds, calendar: ReturnType<typeof at>): readonly Problem[] {
  if (isHidden(calendar)) return [notYetKnown(variable.calendar, calendar)];
  if (typeof calendar !== "string") return [];
  const needed = neededFor(calendar);
  if (needed === undefined)
    return [
      { problem: `${variable.calendar} is not a calendar that ends, so that nothing tells how long a shift is.` },
    ];
  if (timeout >= needed) return [];
  return [
    {
      problem: `${PATH} is ${formatDuration(Math.floor(timeout))}, and the longest shift with lead, drain and margin takes ${formatDuration(needed)}.`,
    },
  ];
}

function neededFor(text: string): Seconds | undefined {
  const calendar = readCalendar(text);
  if (calendar === undefined) return undefined;
  const shifts = shiftsOfWeek(calendar.windows, calendar);
  return shifts === "endless" ? undefined : taskTimeout(calendar.timeZone, shifts, calendar);
}

function readCalendar(text: string): ReturnType<typeof decodeCalendar> | undefined {
  try {
    return decodeCalendar(text);
  } catch {
    return undefined; // the finding says so
  }
}
