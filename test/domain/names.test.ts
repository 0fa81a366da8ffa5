import { describe, expect, test } from "vitest";
import {
  jobName,
  metricName,
  type NamedStack,
  nameFindings,
  type PhysicalName,
  physicalNames,
  roundInvokerId,
  roundName,
  runtimeAccountId,
  shorten,
  startName,
} from "../../domain/names.ts";

test("the names are those of the guides", () => {
  expect(jobName("dental-agent-worker")).toBe("dental-agent-worker");
  expect(startName("dental-agent-worker", "weekday")).toBe("dental-agent-start-weekday");
  expect(roundName("careflow", "morning")).toBe("careflow-morning-rounds");
  expect(roundInvokerId("careflow")).toBe("careflow-scheduler");
});

test("a hospital's round has a name of its own", () => {
  expect(roundName("careflow", "morning", "st-mary")).toBe("careflow-morning-rounds-st-mary");
});

test("only a worker's last word is left out of its starts' names", () => {
  expect(startName("worker-pool", "day")).toBe("worker-pool-start-day");
  expect(startName("co-worker-worker", "day")).toBe("co-worker-start-day");
});

describe("accounts", () => {
  test.each([
    "a",
    "eye",
    "heart",
    "dental",
    "a".repeat(30),
    "a".repeat(31),
    "a-very-long-clinic-name-for-an-agent-worker",
    "ends-with-a-hyphen-at-22---x-and-on",
  ])("of %s have a name that Google takes", (worker) => {
    expect(runtimeAccountId(worker)).toMatch(/^[a-z]([a-z0-9-]{4,28}[a-z0-9])$/);
    expect(roundInvokerId(worker)).toMatch(/^[a-z]([a-z0-9-]{4,28}[a-z0-9])$/);
  });

  test("of two long names with one beginning stay two", () => {
    const beginning = "a".repeat(40);
    expect(runtimeAccountId(`${beginning}-1`)).not.toBe(runtimeAccountId(`${beginning}-2`));
  });

  test("stay the same from one version to the next: another name would be another account, without its grants", () => {
    expect(runtimeAccountId("dental-agent-worker")).toBe("dental-agent-worker");
    expect(shorten("north-clinic-dental-agent-worker", 30)).toBe("north-clinic-dental-ag-0fg64vb");
  });
});

describe("a name is refused", () => {
  const job: PhysicalName = { kind: "job", scope: "p/r", name: "dental", path: "workers.dental" };
  test.each<[why: string, names: readonly PhysicalName[], problems: readonly string[]]>([
    ["never, at its limit", [{ ...job, name: "a".repeat(49) }], []],
    ["over it, with the limit", [{ ...job, name: "a".repeat(50) }], ["50 characters, over Google's 49"]],
    ["in a form that Google does not take", [{ ...job, name: "Dental" }], ["no Cloud Run job named Dental"]],
    [
      "when it is taken, at the later one",
      [job, { ...job, path: "workers.other" }],
      ["already that of workers.dental"],
    ],
    ["never, in another region", [job, { ...job, scope: "p/other" }], []],
    ["never, for another kind", [job, { ...job, kind: "account" }], []],
  ])("%s", (_, names, problems) => {
    expect(nameFindings(names).map(({ problem }) => problem)).toEqual(
      problems.map((part) => expect.stringContaining(part)),
    );
  });
});

test.each([
  ["agent-worker", "starts-failed", "agent_worker_starts_failed"],
  ["careflow", "round-duration", "careflow_round_duration"],
])("a metric of %s is named so that Google takes it, and PromQL reads it as it is: %s", (owner, key, name) => {
  expect(metricName(owner, key)).toBe(name);
  const long = { kind: "metric", scope: "p", name: metricName("a".repeat(99), key), path: "rounds.name" } as const;
  expect(nameFindings([long])).toEqual([]);
});

test("a stack's names are its jobs, accounts and scheduler jobs, each with the setting it follows from", () => {
  const stack: NamedStack = {
    project: "p",
    region: "r",
    workers: [{ key: "dental-worker", windows: ["weekday"] }],
    rounds: { name: "careflow", project: "q", region: "s", daily: ["noon"], hospitals: ["a"] },
  };
  expect(physicalNames(stack).map(({ kind, scope, name, path }) => [kind, scope, name, path].join(" "))).toEqual([
    "account p agent-worker-starts workers",
    "job p/r dental-worker workers.dental-worker",
    "account p dental-worker workers.dental-worker",
    "schedulerJob p/r dental-start-weekday workers.dental-worker.officeHours.week.weekday",
    "account q careflow-scheduler rounds.name",
    "schedulerJob q/s careflow-noon-rounds rounds.daily.noon",
    "schedulerJob q/s careflow-noon-rounds-a rounds.hospitals.a",
  ]);
});
