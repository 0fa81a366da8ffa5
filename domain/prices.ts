/** US dollars, not rounded: rounding is a matter of showing them. */
export type Dollars = number;

/** The month in which the rates below were last compared with their pages. */
export const ratesAsOf = "2026-11";

/** What one second of a Cloud Run job costs. */
export interface JobRates {
  readonly vcpuSecond: Dollars;
  readonly gibSecond: Dollars;
}

/**
 * Jobs, by price tier. https://cloud.google.com/run/pricing (November 2026; the rates of services billed by request, which
 * source 001 took, are higher). Tier 2: vCPU from "Jobs CPU in europe-west3" of Google's price list, as public tools
 * record it (May 2024); memory is no record, but 1.2 times tier 1's, as vCPU is.
 */
const tierRates: Readonly<Record<1 | 2, JobRates>> = {
  1: { vcpuSecond: 0.000018, gibSecond: 0.000002 },
  2: { vcpuSecond: 0.0000216, gibSecond: 0.0000024 },
};

/**
 * Regions by price tier. https://docs.cloud.google.com/run/docs/locations (a copy of 2025: newer regions are missing).
 * A region that is missing here has no rate at all, rather than a wrong one.
 */
const tierRegions: Readonly<Record<1 | 2, readonly string[]>> = {
  1: [
    "asia-east1",
    "asia-northeast1",
    "asia-northeast2",
    "europe-north1",
    "europe-southwest1",
    "europe-west1",
    "europe-west4",
    "europe-west8",
    "europe-west9",
    "me-west1",
    "us-central1",
    "us-east1",
    "us-east4",
    "us-east5",
    "us-south1",
    "us-west1",
  ],
  2: [
    "africa-south1",
    "asia-east2",
    "asia-northeast3",
    "asia-south1",
    "asia-south2",
    "asia-southeast1",
    "asia-southeast2",
    "australia-southeast1",
    "australia-southeast2",
    "europe-central2",
    "europe-west2",
    "europe-west3",
    "europe-west6",
    "europe-west10",
    "europe-west12",
    "me-central1",
    "me-central2",
    "northamerica-northeast1",
    "northamerica-northeast2",
    "southamerica-east1",
    "southamerica-west1",
    "us-west2",
    "us-west3",
    "us-west4",
  ],
};

/** What jobs cost in a region, or `undefined` where the tier is not known. */
export function jobRates(region: string): JobRates | undefined {
  if (tierRegions[1].includes(region)) return tierRates[1];
  return tierRegions[2].includes(region) ? tierRates[2] : undefined;
}

/**
 * What else a stack pays for, each month.
 *
 * Scheduler: a job that exists, paused or not. https://cloud.google.com/scheduler/pricing (November 2026)
 * Secrets: an active version, and each reading. https://cloud.google.com/secret-manager/pricing (November 2026)
 */
export const rates = {
  schedulerJob: 0.1,
  secretVersion: 0.06,
  secretAccess: 0.03 / 10_000,
} as const satisfies Record<string, Dollars>;

/**
 * What a billing account has free each month, over all its projects: a second clinic, or anything else that runs there,
 * finds it used up. The pages are those above.
 */
export const freeTier = {
  vcpuSeconds: 240_000,
  gibSeconds: 450_000,
  schedulerJobs: 3,
  secretVersions: 6,
  secretAccesses: 10_000,
} as const;

/** The free seconds are a discount in dollars at tier 1's rates, whatever the region. https://cloud.google.com/run/pricing (November 2026) */
export const freeTierRates: JobRates = tierRates[1];

/**
 * An alert policy's one condition, as far apart as Google announced: $0.10 to $1.50 (January 2025 to October 2026),
 * each time "no sooner than" some month. Whether it is charged yet could not be confirmed.
 * https://cloud.google.com/stackdriver/pricing (November 2026)
 */
export const alertCondition = { low: 0.1, high: 1.5 } as const satisfies Record<string, Dollars>;

/** `$38.02`; amounts below a cent as `<$0.01`. */
export function formatDollars(amount: Dollars): string {
  if (amount < 0) return `-${formatDollars(-amount)}`;
  if (amount > 0 && amount < 0.005) return "<$0.01";
  const [whole = "0", cents = "00"] = amount.toFixed(2).split(".");
  return `$${whole.replace(/\B(?=(\d{3})+$)/g, ",")}.${cents}`;
}
