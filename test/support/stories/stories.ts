import { Temporal } from "temporal-polyfill";
import type { StackPlan } from "../../../domain/plan.ts";
import { planStack } from "../../../domain/plan.ts";
import { type Troubles, workerLine } from "./world.ts";

const MINUTE = 60_000;

/** One day of a clinic in Karachi, and of rounds in New York, with what goes other than usual and what must be told. */
export interface Story {
  readonly title: string;
  /** Local date in Karachi: everything from its midnight until the next evening. */
  readonly date: string;
  readonly plan: StackPlan;
  readonly troubles: Troubles;
  /** Exactly the alerts that fire; those of a calendar or zone without its name. */
  readonly told: readonly string[];
}

/** A clinic with a supervised worker, three rounds, and both in one project. */
export function clinic(changes: { readonly rounds?: object } = {}): StackPlan {
  return planStack({
    "gcp:project": "clinic-486203",
    "gcp:region": "us-central1",
    environment: "prod",
    workers: {
      "dental-agent-worker": {
        image: `us-central1-docker.pkg.dev/clinic-486203/agents/dental@sha256:${"0".repeat(64)}`,
        command: ["python", "worker_main.py"],
        officeHours: {
          timeZone: "Asia/Karachi",
          week: {
            weekday: { days: "mon-fri", open: "09:00", close: "17:00" },
            saturday: { days: "sat", open: "10:00", close: "14:00" },
          },
          holidays: ["2026-12-25", "2027-01-15", "2027-02-05"],
        },
      },
    },
    rounds: {
      service: { name: "careflow-agent", url: "https://careflow-agent-abc123-uc.a.run.app", requestTimeout: "600s" },
      timeZone: "America/New_York",
      daily: { morning: "08:15", noon: "12:15", evening: "20:15" },
      ...changes.rounds,
    },
    alerts: { channels: { oncall: { email: "oncall@example.com" } } },
  });
}

/** Three more rounds at each of their times. */
const hospitals = Object.fromEntries(["east", "north", "west"].map((key) => [key, { id: key, name: key }]));

const usual = clinic();
const start = "dental-agent-start-weekday";
const noon = "careflow-noon-rounds";

/** A time of day in Karachi. */
function at(date: string, time: string): number {
  return Temporal.PlainDateTime.from(`${date}T${time}`).toZonedDateTime("Asia/Karachi").epochMilliseconds;
}

function only(job: string, outcome: (number: number) => ReturnType<NonNullable<Troubles["attempt"]>>): Troubles {
  return { attempt: (name, number) => (name === job ? outcome(number) : undefined) };
}

function story(title: string, date: string, told: readonly string[], troubles: Troubles = {}, plan = usual): Story {
  return { title, date, told, troubles, plan };
}

const worker = usual.workers[0] as StackPlan["workers"][number];

/** At least three days apart: each story has forty hours to itself, and alerts look back a day. */
export const stories: readonly Story[] = [
  story("an ordinary day with a clean closing", "2026-12-01", []),
  story(
    "a start fourteen minutes late",
    "2026-12-04",
    [],
    only(start, () => ({ late: 14 * MINUTE })),
  ),
  story("a start that comes after forty minutes", "2026-12-07", ["start-missed", "worker-absent"], {
    attempt: (job) => (job === start ? { late: 40 * MINUTE } : undefined),
  }),
  story(
    "a start that never comes",
    "2026-12-10",
    ["start-missed", "worker-absent"],
    only(start, () => ({ never: true })),
  ),
  story("a Sunday, closed", "2026-12-13", []),
  story(
    "a launch that is refused once",
    "2026-12-16",
    ["launch-failed"],
    only(start, (number) => (number === 0 ? { status: "INTERNAL" } : undefined)),
  ),
  story("a Saturday", "2026-12-19", []),
  story(
    "a launch that is refused for good",
    "2026-12-22",
    ["launch-failed", "starts-failing", "worker-absent"],
    only(start, () => ({ status: "PERMISSION_DENIED" })),
  ),
  story("a holiday, on which the worker comes and leaves at once", "2026-12-25", []),
  story("a crash, after which Cloud Run starts the task again", "2026-12-28", [], {
    crash: { at: at("2026-12-28", "11:20"), restarted: true },
  }),
  story("a crash for good in the middle of the day", "2026-12-31", ["execution-failed", "worker-absent"], {
    crash: { at: at("2026-12-31", "11:20"), restarted: false },
  }),
  story("a worker that a person starts on a Sunday", "2027-01-03", [], {
    byHand: { at: at("2027-01-03", "12:00"), until: at("2027-01-03", "14:00") },
  }),
  story("a crash for good five minutes before closing", "2027-01-06", ["execution-failed"], {
    crash: { at: at("2027-01-06", "16:55"), restarted: false },
  }),
  story("a worker whose first heartbeat takes six minutes", "2027-01-09", [], {
    silence: { from: at("2027-01-09", "10:00"), until: at("2027-01-09", "10:06") },
  }),
  story("a second execution that leaves when it has seen the first", "2027-01-12", [], {
    byHand: { at: at("2027-01-12", "12:00"), until: at("2027-01-12", "12:02") },
  }),
  story("a morning without a start, after a holiday", "2027-01-15", ["start-missed", "worker-absent"], {
    attempt: (job) => (job === "dental-agent-start-saturday" ? { never: true } : undefined),
  }),
  story("a running worker that hangs", "2027-01-18", ["heartbeat-silent"], {
    silence: { from: at("2027-01-18", "13:00"), until: at("2027-01-18", "17:30") },
  }),
  story("heartbeats that stay away for three minutes", "2027-01-21", [], {
    silence: { from: at("2027-01-21", "13:00"), until: at("2027-01-21", "13:03") },
  }),
  story("an orphan that is taken over", "2027-01-27", ["orphan-recovered"], {
    logged: [workerLine(worker, at("2027-01-27", "11:00"), "orphan_recovered")],
  }),
  story("a second execution that stays", "2027-01-30", ["executions-overlap"], {
    byHand: { at: at("2027-01-30", "11:00"), until: at("2027-01-30", "14:00") },
  }),
  story("an orphan that is set aside", "2027-02-02", ["orphan-quarantined"], {
    logged: [workerLine(worker, at("2027-02-02", "11:00"), "orphan_quarantined")],
  }),
  story(
    "a holiday without a start",
    "2027-02-05",
    [],
    only(start, () => ({ never: true })),
  ),
  story(
    "a round that never comes",
    "2027-02-08",
    ["round-missed"],
    only(noon, () => ({ never: true })),
  ),
  story(
    "a round fourteen minutes late",
    "2027-02-11",
    [],
    only(noon, () => ({ late: 14 * MINUTE })),
  ),
  story(
    "a round that succeeds at its second retry",
    "2027-02-14",
    ["round-failure-rate", "round-retry-rate"],
    only(noon, (number) => (number < 2 ? { status: "INTERNAL" } : undefined)),
  ),
  story("rounds that the settings pause", "2027-02-17", [], {}, clinic({ rounds: { paused: true } })),
  story("rounds that a person paused behind the settings' back", "2027-02-20", ["round-missed"], {
    attempt: (job) => (job.startsWith("careflow") ? { never: true } : undefined),
  }),
  story(
    "a round that succeeds when it is retried",
    "2027-02-23",
    ["round-failure-rate", "round-retry-rate"],
    only(noon, (number) => (number === 0 ? { status: "INTERNAL" } : undefined)),
  ),
  story(
    "a round that is refused each time",
    "2027-02-26",
    ["round-failure-rate", "round-retry-rate", "rounds-failing"],
    only(noon, () => ({ takes: 1000, status: "PERMISSION_DENIED" })),
  ),
  story(
    "a round that reaches its deadline each time",
    "2027-03-01",
    ["agent-latency", "round-duration", "round-failure-rate", "round-retry-rate", "rounds-failing"],
    only(noon, () => ({ takes: 10 * MINUTE, status: "DEADLINE_EXCEEDED" })),
  ),
  story(
    "a round of four minutes",
    "2027-03-04",
    ["agent-latency"],
    only(noon, () => ({ takes: 4 * MINUTE })),
  ),
  story(
    "a round of six minutes that ends together with quick ones",
    "2027-03-07",
    ["agent-latency", "round-duration"],
    {
      attempt: (job) => {
        if (job === noon) return { takes: 6 * MINUTE };
        return job.startsWith(noon) ? { late: 6 * MINUTE } : undefined;
      },
    },
    clinic({ rounds: { general: true, hospitals } }),
  ),
  story(
    "a round of six minutes",
    "2027-03-10",
    ["agent-latency", "round-duration"],
    only(noon, () => ({ takes: 6 * MINUTE })),
  ),
  story("the day on which New York sets its clocks forward", "2027-03-14", []),
  story("the day on which New York sets its clocks back", "2027-11-07", []),
];
