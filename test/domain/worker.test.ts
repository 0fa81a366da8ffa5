import { describe, expect, test } from "vitest";
import { taskTimeout } from "../../domain/calendar.ts";
import { decodeCalendar, variable } from "../../domain/contract.ts";
import { endOfRun } from "../../domain/worker.ts";
import { dentalWorker, stack } from "./clinic.ts";

function plan(other: Record<string, unknown> = {}) {
  const [worker] = stack({ workers: { "dental-agent-worker": { ...dentalWorker, ...other } } }).workers;
  if (worker === undefined) throw new Error("no worker");
  return worker;
}

describe("a worker", () => {
  test("runs for the longest of its shifts, its drain and the margin", () => {
    expect(plan()).toMatchObject({ timeout: 8 * 3600 + 900 + 600, timeoutGiven: false });
    expect(plan({ timeout: "9h" })).toMatchObject({ timeout: 9 * 3600, timeoutGiven: true });
  });

  test("is started as in source 001, in the clinic's time, by an account that may do that only", () => {
    expect(plan().starts).toMatchObject([
      { name: "dental-agent-start-weekday", cron: "0 9 * * 1-5", timeZone: "Asia/Karachi", token: { kind: "oauth" } },
      { name: "dental-agent-start-saturday", cron: "0 10 * * 6", timeZone: "Asia/Karachi", token: { kind: "oauth" } },
    ]);
    expect(plan().starts[0]?.uri).toBe(
      "https://run.googleapis.com/v2/projects/ortho-ai-485203/locations/us-central1/jobs/dental-agent-worker:run",
    );
  });

  test("carries the calendar that its starts and its timeout were derived from", () => {
    const worker = plan({ lead: "10m", drain: "20m" });
    const carried = decodeCalendar(worker.env[variable.calendar] ?? "");
    expect(carried).toEqual(worker.calendar);
    expect(worker.starts[0]).toMatchObject({ cron: "50 8 * * 1-5", at: 530 });
    expect(worker.timeout).toBe(taskTimeout(carried.timeZone, worker.shifts, carried));
  });

  test("that is only prepared has no starts: there is nothing to start, and no command for it would work", () => {
    expect(plan({ image: undefined })).toMatchObject({ prepared: true, starts: [] });
  });

  test("without the runtime carries no contract that nobody keeps", () => {
    const { command: _, ...unsupervised } = { ...dentalWorker, supervise: false };
    const [worker] = stack({ workers: { w: unsupervised } }).workers;
    expect(Object.keys(worker?.env ?? {})).toEqual([variable.environment]);
    expect(worker).toMatchObject({ supervised: false, entryPoint: [], args: [] });
  });

  test("shares its derived hours with another of the same calendar, but not with one of another drain, zone or week", () => {
    const hours = (timeZone: string, days: string) => ({
      officeHours: { timeZone, week: { night: { days, open: "20:00", close: "06:00" } } },
    });
    const [first, same, drained, elsewhere, other] = stack({
      workers: {
        first: dentalWorker,
        same: dentalWorker,
        drained: { ...dentalWorker, drain: "30m" },
        elsewhere: { ...dentalWorker, ...hours("America/New_York", "sat") },
        other: { ...dentalWorker, ...hours("America/New_York", "fri") },
      },
    }).workers;
    expect(same?.timeout).toBe(first?.timeout);
    expect(drained?.timeout).toBe((first?.timeout ?? 0) + 900);
    expect(elsewhere?.timeout).toBe(11 * 3600 + 900 + 600);
    expect(other?.timeout).toBe(10 * 3600 + 900 + 600);
  });

  test("reads the last rotation of a generated secret, and the stated version of any other", () => {
    const { secretEnv } = plan({
      secrets: {
        LIVEKIT_URL: { secret: "livekit-url", version: "3" },
        CONTROL_TOKEN: { secret: "control-token", generate: { rotations: ["2026-q3", "2026-q4"] } },
      },
    });
    expect(secretEnv).toEqual({
      LIVEKIT_URL: { secretId: "livekit-url", version: { number: "3" } },
      CONTROL_TOKEN: { secretId: "control-token", version: { rotation: "2026-q4" } },
    });
  });

  test("has a lead of whole minutes, since a cron has", () => {
    expect(() => plan({ lead: "90s" })).toThrow(/whole number of minutes/);
    expect(plan({ lead: "120s" }).starts[0]?.cron).toBe("58 8 * * 1-5");
  });
});

test("nobody who starts a worker by hand is promised that it leaves at closing when the runtime is not there", () => {
  const withRuntime = { supervised: true };
  const without = { supervised: false };
  expect(endOfRun([withRuntime])).toBe("It leaves at closing by itself.");
  expect(endOfRun([without])).toMatch(/^Without the runtime it runs until its timeout/);
  expect(endOfRun([withRuntime, without])).toMatch(/leaves at closing by itself; a worker without the runtime/);
});
