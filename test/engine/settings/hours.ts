/** When workers work. */
import type { Row } from "./row.ts";
import {
  advice,
  each,
  env,
  hourPolicies,
  job,
  logFilter,
  query,
  startMetrics,
  starts,
  worker,
  workerDashboard,
} from "./words.ts";

const at = (setting: string) => `workers.${worker}.${setting}`;
const weekday = `start ${worker}.weekday`;
const saturday = `start ${worker}.saturday`;
const calendar = env("AGENT_CALENDAR.value");
const timeout = "template.template.timeout";

/** The two alerts that know the hours are named by them. */
const otherHours = { created: hourPolicies, deleted: hourPolicies };
const drawn = { [workerDashboard]: ["dashboardJson"] };

export const hoursRows: readonly Row[] = [
  {
    setting: "workers.KEY.officeHours.timeZone",
    name: "the starts go by another clock",
    change: { [at("officeHours.timeZone")]: "Asia/Kolkata" },
    effects: { ...otherHours, updated: { [job]: [calendar], ...each(starts, "description", "timeZone"), ...drawn } },
  },
  {
    setting: "workers.KEY.officeHours.week",
    name: "a renamed window has another start, and the same hours",
    change: { rename: at("officeHours.week.saturday"), to: "weekend" },
    effects: {
      created: [`start ${worker}.weekend`],
      deleted: [saturday],
      updated: {
        [job]: [calendar],
        ...each(startMetrics, "filter"),
        "policy launch-failed": [logFilter, advice],
        "policy start-missed of the hours": [query, advice],
        "policy worker-absent of the hours": [query],
        ...drawn,
      },
    },
  },
  {
    setting: "workers.KEY.officeHours.week",
    name: "windows that exchange their names exchange their times in place",
    change: {
      [at("officeHours.week")]: {
        saturday: { days: "mon-fri", open: "09:00", close: "17:00" },
        weekday: { days: "sat", open: "10:00", close: "14:00" },
      },
    },
    effects: {
      updated: {
        [job]: [calendar],
        ...each(starts, "description", "schedule"),
        "policy launch-failed": [advice],
        "policy start-missed of the hours": [query, advice],
        "policy worker-absent of the hours": [query],
        ...drawn,
      },
    },
  },
  {
    setting: "workers.KEY.officeHours.week",
    name: "windows that stand in another order are the same windows",
    change: {
      [at("officeHours.week")]: {
        saturday: { days: "sat", open: "10:00", close: "14:00" },
        weekday: { days: "mon-fri", open: "09:00", close: "17:00" },
      },
    },
    effects: {},
  },
  {
    setting: "workers.KEY.officeHours.week",
    name: "a further window has a start of its own",
    change: { [at("officeHours.week.sunday")]: { days: "sun", open: "11:00", close: "13:00" } },
    effects: {
      ...otherHours,
      created: [`start ${worker}.sunday`, ...hourPolicies],
      updated: {
        [job]: [calendar],
        ...each(startMetrics, "filter"),
        "policy launch-failed": [logFilter, advice],
        ...drawn,
      },
    },
  },
  {
    setting: "workers.KEY.officeHours.week",
    name: "a window that is taken out starts nobody any more",
    change: { [at("officeHours.week.saturday")]: undefined },
    effects: {
      ...otherHours,
      deleted: [saturday, ...hourPolicies],
      updated: {
        [job]: [calendar],
        ...each(startMetrics, "filter"),
        "policy launch-failed": [logFilter, advice],
        ...drawn,
      },
    },
  },
  {
    setting: "workers.KEY.officeHours.week.KEY.days",
    name: "fewer days are fewer starts",
    change: { [at("officeHours.week.weekday.days")]: "mon-thu" },
    effects: { ...otherHours, updated: { [job]: [calendar], [weekday]: ["description", "schedule"], ...drawn } },
  },
  {
    setting: "workers.KEY.officeHours.week.KEY.open",
    name: "an earlier opening starts earlier, and the longest shift may run longer",
    change: { [at("officeHours.week.weekday.open")]: "08:30" },
    effects: {
      ...otherHours,
      updated: { [job]: [calendar, timeout], [weekday]: ["description", "schedule"], ...drawn },
    },
  },
  {
    setting: "workers.KEY.officeHours.week.KEY.close",
    name: "a later closing of the longest day lets the task run longer",
    change: { [at("officeHours.week.weekday.close")]: "18:00" },
    effects: { ...otherHours, updated: { [job]: [calendar, timeout], [weekday]: ["description"], ...drawn } },
  },
  {
    setting: "workers.KEY.officeHours.week.KEY.close",
    name: "a later closing of a shorter day leaves the task's timeout alone",
    change: { [at("officeHours.week.saturday.close")]: "15:00" },
    effects: { ...otherHours, updated: { [job]: [calendar], [saturday]: ["description"], ...drawn } },
  },
  {
    setting: "workers.KEY.officeHours.holidays",
    name: "on one more holiday nobody works, and nobody is missed",
    change: { [at("officeHours.holidays")]: ["2026-12-25", "2027-03-23"] },
    effects: { ...otherHours, updated: { [job]: [calendar], ...drawn } },
  },
  {
    setting: "workers.KEY.lead",
    name: "the worker starts before opening, and may run longer by that",
    change: { [at("lead")]: "10m" },
    effects: { ...otherHours, updated: { [job]: [calendar, timeout], ...each(starts, "schedule") } },
  },
  {
    // The two policies are made anew for their name alone: neither query knows of the drain.
    setting: "workers.KEY.drain",
    name: "calls may run on for longer",
    change: { [at("drain")]: "30m" },
    effects: { ...otherHours, updated: { [job]: [calendar, timeout] } },
  },
  {
    setting: "workers.KEY.timeout",
    name: "a fixed timeout takes the place of the derived one",
    change: { [at("timeout")]: "10h" },
    effects: { updated: { [job]: [timeout] } },
  },
  {
    setting: "workers.KEY.timeout",
    name: "left out again it is derived again",
    from: { [at("timeout")]: "10h" },
    change: { [at("timeout")]: undefined },
    effects: { updated: { [job]: [timeout] } },
  },
];
