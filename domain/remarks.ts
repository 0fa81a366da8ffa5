import { Temporal } from "temporal-polyfill";
import { alertRemarks } from "./alerts/remarks.ts";
import { shiftSpans } from "./calendar.ts";
import { formatDuration } from "./duration.ts";
import type { Finding } from "./findings.ts";
import { mergeGap, occurrences } from "./hours.ts";
import { parseImage, registryProject } from "./image.ts";
import type { RoundsPlan } from "./rounds.ts";
import type { Settings } from "./settings/settings.ts";
import { DAY, formatTime, type Minutes, WEEK, type Weekday } from "./week.ts";
import type { WorkerPlan } from "./worker.ts";
import { clockTroubles, dateAt, HORIZON, instantOf, weekdayOf } from "./zone.ts";

/** What is allowed in a stack's settings, no policy can see in its resources, and is still worth a second look. */
export function remarksOn(
  settings: Settings,
  workers: readonly WorkerPlan[],
  rounds: RoundsPlan | undefined,
): readonly Finding[] {
  return [
    ...(settings.alerts === undefined ? [] : alertRemarks(settings.alerts, workers)),
    ...workers.flatMap((worker) => [
      ...openingRemarks(worker),
      ...holidayRemarks(worker),
      ...restartRemarks(worker),
      ...doubleRemarks(worker),
      ...foreignImageRemarks(worker),
    ]),
    ...(rounds === undefined ? [] : roundRemarks(rounds, settings.rounds?.timeZone)),
  ];
}

/** Each attempt of a task has the whole timeout, and only the runtime knows that the clinic has closed meanwhile. */
function restartRemarks({ key, supervised, maxRetries, timeout }: WorkerPlan): readonly Finding[] {
  if (supervised || maxRetries === 0) return [];
  return [
    {
      path: `workers.${key}.maxRetries`,
      problem: `${maxRetries} without the runtime: each retry, also the one after the timeout itself, runs for up to ${formatDuration(timeout)} again, past closing.`,
      remedy: "Set maxRetries: 0, or supervise the worker.",
    },
  ];
}

/** Without the runtime every run lasts as long as the longest shift needs, also after a short one. */
function doubleRemarks({ key, supervised, shifts, timeout }: WorkerPlan): readonly Finding[] {
  if (supervised) return [];
  const starts = shifts.map(({ window, day, open }) => ({ name: window.name, at: (day - 1) * DAY + open }));
  const [first] = starts;
  if (first === undefined) return [];
  const following = [...starts.slice(1), { ...first, at: first.at + WEEK }];
  const index = starts.findIndex(({ at }, each) => at + timeout / 60 > (following[each]?.at ?? 0));
  if (index < 0) return [];
  return [
    {
      path: `workers.${key}.timeout`,
      problem: `without the runtime each run lasts up to ${formatDuration(timeout)}: the one of ${starts[index]?.name} still goes on when that of ${following[index]?.name} starts, and two workers answer.`,
      remedy: "Supervise the worker, make it leave by itself at closing, or split it in two.",
    },
  ];
}

/** https://docs.cloud.google.com/artifact-registry/docs/integrate-cloud-run (November 2026) */
function foreignImageRemarks({ key, image, project }: WorkerPlan): readonly Finding[] {
  const parsed = image === undefined ? undefined : parseImage(image);
  const owner = parsed === undefined ? undefined : registryProject(parsed);
  if (owner === undefined || owner === project) return [];
  return [
    {
      path: `workers.${key}.image`,
      problem: `is in ${owner}, where Cloud Run's service agent of ${project} may not read by itself: the Job could not be created.`,
      remedy: "Grant it roles/artifactregistry.reader on the repository there, or copy the image.",
    },
  ];
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
  const kinds = Map.groupBy(clockTroubles(timeZone, time, days), ({ kind }) => kind);
  return [...kinds].map(([kind, dates]) => ({
    path,
    problem: `${formatTime(time % DAY)} ${kind === "skipped" ? "does not exist" : "happens twice"} in ${timeZone} on ${listed(dates.map(({ date }) => date))}: ${follows[kind]}.`,
    remedy: "Choose a time that is not near the change of the clocks, or look after these days by hand.",
  }));
}

function holidayRemarks({ key, supervised, calendar, shifts }: WorkerPlan): readonly Finding[] {
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
  if (!supervised && holidays.length > 0) {
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
