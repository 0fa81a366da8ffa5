import { describe, expect, test } from "vitest";
import type { Finding } from "../../domain/findings.ts";
import { careflow, dentalWorker, stack } from "./clinic.ts";

const alerts = { channels: { oncall: { email: "oncall@example.com" } } };

function remarksOn(sections: Record<string, unknown>): readonly Finding[] {
  return stack({ alerts, ...sections }).remarks;
}

function hours(officeHours: Record<string, unknown>, worker: Record<string, unknown> = {}): readonly Finding[] {
  const workers = {
    dental: { ...dentalWorker, ...worker, officeHours: { ...dentalWorker.officeHours, ...officeHours } },
  };
  return remarksOn({ workers });
}

test("there is nothing to remark upon the guides' own hours", () => {
  expect(remarksOn({ workers: { dental: dentalWorker } })).toEqual([]);
});

test("retries without the runtime are remarked upon: each runs for the whole timeout, past closing", () => {
  const alone = { ...dentalWorker, supervise: false, command: undefined };
  expect(remarksOn({ workers: { dental: alone } })).toEqual([
    expect.objectContaining({ path: "workers.dental.maxRetries", problem: expect.stringContaining("8h25m again") }),
  ]);
  expect(remarksOn({ workers: { dental: { ...alone, maxRetries: 0 } } })).toEqual([]);
});

test("a run that goes on when the next one starts is remarked upon: without the runtime it lasts as long as the longest", () => {
  const alone = { supervise: false, command: undefined, maxRetries: 0 };
  const twoWindows = {
    early: { days: "mon", open: "07:00", close: "08:00" },
    late: { days: "mon", open: "10:00", close: "20:00" },
  };
  expect(hours({ week: twoWindows }, alone)).toEqual([
    expect.objectContaining({
      path: "workers.dental.timeout",
      problem: expect.stringMatching(/10h25m: the one of early still goes on when that of late starts/),
    }),
  ]);
  expect(hours({ week: twoWindows })).toEqual([]);
  const daily = { day: { days: "mon-sun", open: "09:00", close: "17:00" } };
  expect(hours({ week: daily }, { ...alone, timeout: "48h" })).toHaveLength(1);
  expect(hours({ week: daily }, alone)).toEqual([]);
});

test("an image of another project is remarked upon: Cloud Run cannot read it there by itself", () => {
  const image = `us-central1-docker.pkg.dev/images-project/agents/dental@sha256:${"0".repeat(64)}`;
  expect(remarksOn({ workers: { dental: { ...dentalWorker, image } } })).toEqual([
    expect.objectContaining({
      path: "workers.dental.image",
      remedy: expect.stringContaining("artifactregistry.reader"),
    }),
  ]);
});

test("a window that is over before an absence counts is remarked upon", () => {
  const settings = { ...alerts, startWithin: "4h" };
  expect(remarksOn({ workers: { dental: dentalWorker }, alerts: settings })).toEqual([
    expect.objectContaining({ path: "workers.dental.officeHours.week.saturday" }),
  ]);
});

describe("an existing channel", () => {
  const existing = (project: string) => ({
    channels: { oncall: { existing: `projects/${project}/notificationChannels/1` } },
  });
  const both = {
    workers: { dental: dentalWorker },
    rounds: { ...careflow, service: { ...careflow.service, idempotent: true } },
  };

  test("of a project that is none of the stack's is refused: Google would", () => {
    expect(() => stack({ ...both, alerts: existing("somebody-else") })).toThrow(
      /alerts\.channels\.oncall\.existing .*"somebody-else"/s,
    );
  });
});

describe("a local time that New York skips or has twice", () => {
  const newYork = (open: string, close: string, worker?: Record<string, unknown>) =>
    hours({ timeZone: "America/New_York", week: { night: { days: "mon-sun", open, close } } }, worker);
  const path = "workers.dental.officeHours.week.night";

  test("is remarked upon once an opening, with all its dates", () => {
    expect(newYork("02:30", "12:00")).toEqual([
      {
        path: `${path}.open`,
        problem:
          "02:30 does not exist in America/New_York on 2026-03-08, 2027-03-14 and 2028-03-12: Cloud Scheduler may leave it out.",
        remedy: expect.stringContaining("by hand"),
      },
    ]);
  });

  test("is remarked upon at a closing on the next morning", () => {
    expect(newYork("18:00", "01:30")).toEqual([
      expect.objectContaining({
        path: `${path}.close`,
        problem: expect.stringContaining("01:30 happens twice in America/New_York on 2026-11-01"),
      }),
    ]);
  });

  test("is on the day after the opening's, when it closes past midnight", () => {
    const saturday = { night: { days: "sat", open: "18:00", close: "01:30" } };
    const sunday = { night: { days: "sun", open: "18:00", close: "01:30" } };
    expect(hours({ timeZone: "America/New_York", week: saturday })).toHaveLength(1);
    expect(hours({ timeZone: "America/New_York", week: sunday })).toEqual([]);
  });

  test("is remarked upon where the lead moves a start into it", () => {
    const remarks = newYork("03:15", "12:00", { lead: "30m" });
    expect(remarks).toEqual([
      expect.objectContaining({
        path: "workers.dental.lead",
        problem: expect.stringMatching(/^02:45.*Cloud Scheduler/),
      }),
    ]);
  });

  test("is an opening's own matter where the start is earlier", () => {
    const remarks = newYork("03:00", "12:00", { lead: "2h" }).concat(newYork("02:00", "12:00", { lead: "2h" }));
    expect(remarks.map(({ path, problem }) => [path, /Scheduler/.test(problem)])).toEqual([
      ["workers.dental.lead", true],
      [`${path}.open`, false],
    ]);
  });

  test("matters only on the days it is used", () => {
    expect(
      hours({ timeZone: "America/New_York", week: { night: { days: "mon-fri", open: "02:30", close: "12:00" } } }),
    ).toEqual([]);
  });

  test("is remarked upon once a round, however many hospitals have it", () => {
    const hospitals = {
      a: { id: "1", name: "A" },
      b: { id: "2", name: "B" },
      c: { id: "3", name: "C", timeZone: "Europe/Berlin" },
      d: { id: "4", name: "D", timeZone: "Asia/Karachi" },
    };
    const rounds = { ...careflow, retry: { count: 0 }, daily: { night: "02:30" }, hospitals, general: true };
    expect(remarksOn({ rounds }).map(({ path, problem }) => [path, /in (\S+)/.exec(problem)?.[1]])).toEqual([
      ["rounds.daily.night", "America/New_York"],
      ["rounds.hospitals.c", "Europe/Berlin"],
      ["rounds.hospitals.c", "Europe/Berlin"],
    ]);
  });
});

describe("holidays", () => {
  const path = "workers.dental.officeHours.holidays";
  const night = { days: "fri", open: "20:00", close: "24:00" };
  const early = (open: string) => ({ week: { night, early: { days: "sat", open, close: "10:00" } } });

  test("that alerts do not know are remarked upon", () => {
    expect(hours({ holidays: ["2025-12-25", "2026-12-25", "2031-12-25"] })).toEqual([
      expect.objectContaining({
        path,
        problem: expect.stringMatching(/^2025-12-25 and 2031-12-25 are outside 2026 to 2028/),
      }),
    ]);
  });

  test("that nobody keeps are remarked upon", () => {
    expect(hours({ holidays: ["2026-12-25"] }, { supervise: false, command: undefined, maxRetries: 0 })).toEqual([
      expect.objectContaining({ path, problem: expect.stringContaining("without the runtime") }),
    ]);
  });

  test("after which nobody starts the next window are remarked upon: on a usual Friday it is the same shift", () => {
    // 2026-12-25 is a Friday.
    expect(hours({ ...early("00:15"), holidays: ["2026-12-25"] })).toEqual([
      expect.objectContaining({
        path,
        problem: expect.stringContaining("nobody starts the worker for early on 2026-12-26"),
      }),
    ]);
  });

  test("after which nobody starts the next window are remarked upon though a later one of that day is started", () => {
    const { week } = early("00:15");
    const late = { days: "sat", open: "14:00", close: "18:00" };
    expect(hours({ week: { ...week, late }, holidays: ["2026-12-25"] })).toHaveLength(1);
  });

  test.each<[string, Record<string, unknown>]>([
    ["the next window has a start of its own", { ...early("00:30"), holidays: ["2026-12-25"] }],
    ["the next window's day is a holiday too", { ...early("00:15"), holidays: ["2026-12-25", "2026-12-26"] }],
    ["the holiday is the next window's, not the first one's", { ...early("00:15"), holidays: ["2026-12-26"] }],
    ["the holiday closes nothing", { ...early("00:15"), holidays: ["2026-12-24"] }],
  ])("are not, when %s", (_, officeHours) => {
    expect(hours(officeHours)).toEqual([]);
  });
});
