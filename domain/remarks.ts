import { Temporal } from "temporal-polyfill";
import { shiftSpans } from "./calendar.ts";
import { formatDuration } from "./duration.ts";
import type { Finding } from "./findings.ts";
import { mergeGap, occurrences } from "./hours.ts";
import type { RoundsPlan } from "./rounds.ts";
import type { AlertsSettings } from "./settings/alerts.ts";
import type { Settings } from "./settings/settings.ts";
import { DAY, formatTime, type Minutes, shiftDay, type Weekday } from "./week.ts";
import type { WorkerPlan } from "./worker.ts";
import { clockTroubles, dateAt, HORIZON, instantOf, weekdayOf } from "./zone.ts";

/** What is allowed in a stack's settings, and still worth a second look. */
export function remarksOn(
  settings: Settings,
  workers: readonly WorkerPlan[],
  rounds: RoundsPlan | undefined,
): readonly Finding[] {
  return [
    ...protectionRemarks(settings),
    ...(settings.environment === "prod" ? workers.flatMap(pinRemarks) : []),
    ...(workers.length > 0 || rounds !== undefined ? alertRemarks(settings.alerts) : []),
    ...workers.flatMap((worker) => [
      ...openingRemarks(worker),
      ...holidayRemarks(worker, settings.workers[worker.key]?.supervise ?? true),
      ...retryRemarks(worker, settings.workers[worker.key]?.supervise ?? true),
    ]),
    ...(rounds === undefined ? [] : roundRemarks(rounds, settings.rounds?.timeZone)),
  ];
}

function protectionRemarks({ environment, protect }: Settings): readonly Finding[] {
  if (environment !== "prod" || protect !== false) return [];
  const problem = "is off in prod: a mistake can delete jobs, secrets and accounts for good.";
  return [{ path: "protect", problem, remedy: "Take the line out again once what had to go is gone." }];
}

/** What can change in prod without a deployment, and so cannot be found again by going back to the one before. */
function pinRemarks({ key, image, secretEnv }: WorkerPlan): readonly Finding[] {
  const latest = Object.entries(secretEnv).filter(
    ([, { version }]) => "number" in version && version.number === "latest",
  );
  const moving = image !== undefined && !image.includes("@sha256:");
  return [
    ...(moving
      ? [
          {
            path: `workers.${key}.image`,
            problem: "is a tag: in prod it can become another image without a deployment.",
            remedy: "Pin it by its digest, @sha256:….",
          },
        ]
      : []),
    ...latest.map(([name]) => ({
      path: `workers.${key}.secrets.${name}.version`,
      problem: "is latest: in prod the next shift may read another value without a deployment.",
      remedy: "Give the version's number.",
    })),
  ];
}

/** Each attempt of a task has the whole timeout, and only the runtime knows that the clinic has closed meanwhile. */
function retryRemarks({ key, maxRetries, timeout }: WorkerPlan, supervise: boolean): readonly Finding[] {
  if (supervise || maxRetries === 0) return [];
  return [
    {
      path: `workers.${key}.maxRetries`,
      problem: `${maxRetries} without the runtime: each retry, also the one after the timeout itself, runs for up to ${formatDuration(timeout)} again, past closing.`,
      remedy: "Set maxRetries: 0, or supervise the worker.",
    },
  ];
}

function alertRemarks(alerts: AlertsSettings | undefined): readonly Finding[] {
  const remedy = "Name at least one channel, such as oncall: { email: oncall@example.com }.";
  if (alerts === undefined) return [{ path: "alerts", problem: "is left out: nobody is told of a failure.", remedy }];
  if (Object.keys(alerts.channels).length > 0) return [];
  return [{ path: "alerts.channels", problem: "is empty: incidents open, and nobody is told.", remedy }];
}

/** What follows from a local time that a zone skips, or has twice. */
type Consequence = Readonly<Record<"skipped" | "repeated", string>>;

/** `instantOf` decides. */
const taken: Consequence = { skipped: "it is taken an hour later", repeated: "the first of the two is meant" };

/** No page of Cloud Scheduler promises anything for these hours; cron implementations differ. */
const scheduled: Consequence = {
  skipped: "Cloud Scheduler may leave it out",
  repeated: "Cloud Scheduler may do it twice",
};

function openingRemarks({ key, calendar, starts }: WorkerPlan): readonly Finding[] {
  const { timeZone, lead, windows } = calendar;
  const started = new Set(lead > 0 ? [] : starts.map(({ window }) => window));
  return [
    ...windows.flatMap(({ name, days, open, close }) => {
      const path = `workers.${key}.officeHours.week.${name}`;
      return [
        ...clockRemarks(`${path}.open`, timeZone, open, days, started.has(name) ? scheduled : taken),
        ...clockRemarks(`${path}.close`, timeZone, close, days, taken),
      ];
    }),
    ...(lead === 0 ? [] : starts).flatMap(({ at, days }) =>
      clockRemarks(`workers.${key}.lead`, timeZone, at, days, scheduled),
    ),
  ];
}

/** A round that several hospitals have in one zone is remarked upon once. */
function roundRemarks({ rounds }: RoundsPlan, zone: string | undefined): readonly Finding[] {
  const places = rounds.map(({ round, hospital, timeZone, at, days }) => {
    const own = hospital !== undefined && timeZone !== zone;
    return { path: own ? `rounds.hospitals.${hospital}` : `rounds.daily.${round}`, timeZone, at, days };
  });
  return [...Map.groupBy(places, ({ path, at }) => `${path} ${at}`).values()].flatMap(([place]) =>
    place === undefined ? [] : clockRemarks(place.path, place.timeZone, place.at, place.days, scheduled),
  );
}

/** One remark for a local time that its zone skips or repeats on some of the days, within the horizon. */
function clockRemarks(
  path: string,
  timeZone: string,
  time: Minutes,
  days: readonly Weekday[],
  follows: Consequence,
): readonly Finding[] {
  const late = Math.floor(time / DAY);
  const onDays = days.map((day) => shiftDay(day, late));
  const troubles = clockTroubles(timeZone, time - late * DAY, onDays);
  const kinds = Map.groupBy(troubles, ({ kind }) => kind);
  return [...kinds].map(([kind, dates]) => ({
    path,
    problem: `${formatTime(time % DAY)} ${kind === "skipped" ? "does not exist" : "happens twice"} in ${timeZone} on ${listed(dates.map(({ date }) => date))}: ${follows[kind]}.`,
    remedy: "Choose a time that is not near the change of the clocks, or look after these days by hand.",
  }));
}

function holidayRemarks({ key, calendar, shifts }: WorkerPlan, supervise: boolean): readonly Finding[] {
  const path = `workers.${key}.officeHours.holidays`;
  const { holidays } = calendar;
  const far = holidays.filter(
    (date) => Number(date.slice(0, 4)) < HORIZON.first || Number(date.slice(0, 4)) > HORIZON.last,
  );
  const remarks: Finding[] = [];
  if (far.length > 0) {
    remarks.push({
      path,
      problem: `${listed(far)} ${far.length === 1 ? "is" : "are"} outside ${HORIZON.first} to ${HORIZON.last}: alerts know only those years.`,
      remedy: "Correct the year, or leave out what is past.",
    });
  }
  if (!supervise && holidays.length > 0) {
    remarks.push({
      path,
      problem: "without the runtime nobody keeps them: Cloud Scheduler knows no holidays, and starts the worker.",
      remedy: "Supervise the worker, or leave them out.",
    });
  }
  const unstarted = unstartedOpenings({ calendar, shifts });
  if (unstarted.length > 0) {
    remarks.push({
      path,
      problem: `nobody starts the worker for ${listed(unstarted)}: it usually runs on from the window before, which the holiday closes.`,
      remedy: `Start it by hand that day (see the runbook), or leave ${formatDuration(mergeGap(calendar))} between the two windows.`,
    });
  }
  return remarks;
}

/** Openings after a holiday that no scheduler job starts, since their shift usually begins with a window of the holiday. */
function unstartedOpenings({ calendar, shifts }: Pick<WorkerPlan, "calendar" | "shifts">): readonly string[] {
  const { timeZone, windows } = calendar;
  // Without windows that share a shift, every window has a start of its own.
  if (shifts.length === occurrences(windows).length) return [];
  const openings = calendar.holidays.flatMap((holiday) => {
    const date = Temporal.PlainDate.from(holiday);
    const from = instantOf(timeZone, date, 0);
    // A window of the holiday may last a day, and the one that follows it begins at most a few hours later.
    return shiftSpans(calendar, from, instantOf(timeZone, date, 3 * DAY))
      .map(({ window, opens }) => ({ window, date: dateAt(timeZone, opens) }))
      .filter(
        ({ window, date }) => !shifts.some((shift) => shift.window.name === window && shift.day === weekdayOf(date)),
      )
      .map(({ window, date }) => `${window} on ${date}`);
  });
  return [...new Set(openings)];
}

/** `a, b and c`. */
function listed(items: readonly string[]): string {
  return items.join(", ").replace(/, ([^,]*)$/, " and $1");
}
