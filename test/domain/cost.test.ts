import { describe, expect, test } from "vitest";
import type { AlertsPlan } from "../../domain/alerts/plan.ts";
import { type CostItem, jobCost, monthlyCost } from "../../domain/cost.ts";
import { formatDollars, freeTier, freeTierRates } from "../../domain/prices.ts";
import { careflow, dentalWorker, stack, utc } from "./clinic.ts";

const from = utc("2026-11-22 00:00");
const dental = { cpu: 2, memory: "4Gi", region: "us-central1" } as const;

const cost = (sections: Record<string, unknown>) => monthlyCost(stack(sections), from);
const worker = (other: Record<string, unknown> = {}) => ({ workers: { w: { ...dentalWorker, ...other } } });

function item(sections: Record<string, unknown>, what: CostItem["what"]): CostItem {
  const found = cost(sections).items.find((other) => other.what === what);
  if (found === undefined) throw new Error(what);
  return found;
}

describe("a clinic of source 001, with 2 vCPU and 4 GiB", () => {
  const free = freeTier.vcpuSeconds * freeTierRates.vcpuSecond + freeTier.gibSeconds * freeTierRates.gibSecond;

  test.each<[string, number, string, string]>([
    ["eight hours on 30 days, which the source puts at $50.11", 8 * 30, "$38.02", "$32.80"],
    ["eight hours on 26 days, as its schedule has no Sunday", 8 * 26, "$32.95", "$27.73"],
    ["four hours on 26 days, which is all that its timeout leaves", 4 * 26, "$16.47", "$11.25"],
    ["around the clock, which the source puts at $150", 24 * 30, "$114.05", "$108.83"],
  ])("%s", (_, hours, gross, net) => {
    const { vcpuSeconds, gibSeconds, dollars } = jobCost(hours * 3600, dental);
    const total = (dollars?.vcpu ?? 0) + (dollars?.memory ?? 0);
    expect([vcpuSeconds, gibSeconds]).toEqual([hours * 7200, hours * 14_400]);
    expect([formatDollars(total), formatDollars(total - free)]).toEqual([gross, net]);
  });
});

describe("the hours of a worker in an average month", () => {
  const year = (other: Record<string, unknown>) => {
    const [found] = cost(worker(other)).workers;
    return { runs: (found?.runs ?? 0) * 12, open: (found?.hoursOpen ?? 0) * 12, paid: (found?.hoursPaid ?? 0) * 12 };
  };
  const weekday = (holidays: readonly string[], timeZone = "Asia/Karachi") => ({
    officeHours: { timeZone, week: { day: { days: "mon-fri", open: "09:00", close: "17:00" } }, holidays },
  });

  test("are counted in the calendar itself", () => {
    // 2026-11-22 is a Sunday: 52 weeks of five days, and the Sunday a year on that the year ends with.
    const { runs, open, paid } = year({ ...weekday([]), drain: "15m" });
    expect([runs, open, paid].map(Math.round)).toEqual([260, 260 * 8, 260 * 8.25]);
  });

  test("do not have the shift that is running when they begin, but the one that is when they end", () => {
    // From Monday 11:00 in Karachi to Tuesday 11:00: 52 weeks from Tuesday on, and that last Tuesday.
    const [found] = monthlyCost(stack(worker(weekday([]))), utc("2026-11-23 06:00")).workers;
    expect(Math.round((found?.runs ?? 0) * 12)).toBe(261);
  });

  test("leave holidays out, but not those that fall on a free day", () => {
    expect(Math.round(year(weekday(["2026-12-25", "2026-12-26"])).runs)).toBe(259);
  });

  test("have lead and whole drain, in which somebody pays and nobody calls", () => {
    const { open, paid } = year({ ...weekday([]), lead: "30m", drain: "1h" });
    expect(Math.round(paid - open)).toBe(260 * 1.5);
  });

  test("have the hour more of a night in autumn, and the hour less in spring", () => {
    const night = (days: string) => ({
      officeHours: { timeZone: "America/New_York", week: { night: { days, open: "20:00", close: "06:00" } } },
      drain: "0s",
    });
    const open = (start: string) => monthlyCost(stack(worker(night("sat"))), utc(start)).workers[0]?.hoursOpen ?? 0;
    // 52 Saturdays each: with both changes, and, since the year ends before the autumn one, with the spring one alone.
    expect(Math.round(open("2026-11-23 00:00") * 12)).toBe(52 * 10);
    expect(Math.round(open("2026-11-02 00:00") * 12)).toBe(52 * 10 - 1);
  });

  test("run until the timeout, on holidays too, without the runtime", () => {
    const { command: _, ...image } = dentalWorker;
    const unsupervised = { w: { ...image, ...weekday(["2026-12-25"]), supervise: false, timeout: "10h" } };
    const found = cost({ workers: unsupervised });
    expect(Math.round((found.workers[0]?.hoursPaid ?? 0) * 12)).toBe(260 * 10);
    expect(found.assumptions.join()).toContain("until the timeout");
  });

  test("cost nothing before there is an image", () => {
    expect(cost(worker({ image: undefined })).workers).toEqual([]);
    expect(item(worker({ image: undefined }), "scheduler jobs").quantity).toBe(0);
  });
});

describe("the free tier", () => {
  test("is the billing account's: a second worker finds it used up", () => {
    const [one, two] = [1, 2].map((many) =>
      cost({ workers: Object.fromEntries(Array.from({ length: many }, (_, index) => [`w${index}`, dentalWorker])) }),
    );
    const [first = Number.NaN, second = Number.NaN] = [one?.total.net, two?.total.net];
    const gross = one?.workers[0]?.gross ?? Number.NaN;
    expect(second - first).toBeGreaterThan(gross);
  });

  test("never makes a month cheaper than nothing", () => {
    const small = worker({
      cpu: 1,
      memory: "512Mi",
      officeHours: { timeZone: "Asia/Karachi", week: { hour: { days: "mon", open: "09:00", close: "10:00" } } },
    });
    expect(cost(small).total.net).toBe(0);
    expect(cost(small).total.gross).toBeGreaterThan(0);
  });

  test("is a discount at tier 1's rates in a dearer region", () => {
    const { gross, net } = item({ ...worker(), "gcp:region": "europe-west3" }, "worker vCPU");
    expect(gross - net).toBeCloseTo(4.32);
  });
});

test.each<[string, Record<string, unknown>, number, string, string]>([
  ["the three rounds of source 002 are free while they are alone", { rounds: careflow }, 3, "$0.30", "$0.00"],
  ["the starts of source 001 beside them are not", { rounds: careflow, ...worker() }, 5, "$0.50", "$0.20"],
])("%s", (_, sections, jobs, gross, net) => {
  const found = item(sections, "scheduler jobs");
  expect([found.quantity, formatDollars(found.gross), formatDollars(found.net)]).toEqual([jobs, gross, net]);
});

describe("secrets", () => {
  const versions = (secrets: Record<string, unknown>) => item(worker({ secrets }), "secret versions");

  test("cost a version each: the seven of source 001 are six cents a month", () => {
    const seven = Object.fromEntries(
      Array.from({ length: 7 }, (_, index) => [`SECRET_${index}`, { secret: `secret-${index}`, version: "1" }]),
    );
    expect([versions(seven).quantity, formatDollars(versions(seven).net)]).toEqual([7, "$0.06"]);
  });

  test("cost every rotation that is kept", () => {
    const rotations = ["2026-q2", "2026-q3", "2026-q4"];
    expect(versions({ TOKEN: { secret: "token", generate: { rotations } } }).quantity).toBe(3);
  });

  test("of somebody else are not ours to pay", () => {
    expect(versions({ URL: { secret: "url", version: "1", existing: true } }).quantity).toBe(0);
  });

  test("that two workers read count once, unless in two versions", () => {
    const read = (version: string) => ({ ...dentalWorker, secrets: { URL: { secret: "url", version } } });
    const count = (a: string, b: string) => item({ workers: { a: read(a), b: read(b) } }, "secret versions").quantity;
    expect([count("1", "1"), count("1", "2")]).toEqual([1, 2]);
  });

  test("are read once a start", () => {
    const secrets = { A: { secret: "a", version: "1" }, B: { secret: "b", version: "1" } };
    const [found] = cost(worker()).workers;
    expect(item(worker({ secrets }), "secret accesses").quantity).toBeCloseTo(2 * (found?.runs ?? 0));
  });
});

describe("a cost", () => {
  test("says which worker it lacks, where a region's rates are unknown", () => {
    const found = cost({ ...worker(), "gcp:region": "moon-central1" });
    expect(found.unpriced).toEqual(["w: rates unknown for region moon-central1"]);
    expect(found.workers[0]?.gross).toBeUndefined();
    expect(found.total.gross).toBeLessThan(1);
  });

  test("adds up", () => {
    const { items, total, workers } = cost({ rounds: careflow, ...worker() });
    expect(total.gross).toBeCloseTo(items.reduce((sum, { gross }) => sum + gross, 0));
    expect(workers[0]?.gross).toBeCloseTo((items[0]?.gross ?? 0) + (items[1]?.gross ?? 0));
  });

  test("names what it leaves out, and the month of its rates", () => {
    const found = cost({ rounds: careflow, ...worker() });
    expect(found.notIncluded.join()).toMatch(/LiveKit.*Twilio.*careflow-agent/);
    expect(found.ratesAsOf).toMatch(/^\d{4}-\d{2}$/);
  });

  test("gives alert policies as a range outside the total, since nobody knows when Google will charge", () => {
    const policy = { project: "p" } as AlertsPlan["policies"][number];
    const found = monthlyCost(stack(worker()), from, { channels: [], metrics: [], policies: [policy, policy] });
    expect(found.alertPolicies).toEqual({ count: 2, low: 0.2, high: 3 });
    expect(found.total).toEqual(cost(worker()).total);
  });
});
