import type { Seconds } from "../duration.ts";

/**
 * How old the newest visible point may be: points are made once a minute and arrive up to three minutes late.
 * https://docs.cloud.google.com/monitoring/api/metrics_gcp (November 2026)
 */
export const VISIBLE_AFTER: Seconds = 240;

/** How often a query is evaluated. The API takes multiples of 30 seconds; points come once a minute. */
export const EVALUATION_INTERVAL: Seconds = 60;

/**
 * Jobs or workers that one query spells out, at about 60 characters each. Ours, to keep a query under 10,000
 * characters: no page gives a limit of a PromQL condition's length (November 2026).
 */
export const NAMED_IN_ONE_QUERY = 100;

type Labels = Readonly<Record<string, string | readonly string[]>>;

/**
 * A metric as PromQL spells it, with the kind of resource stated: several kinds may write to one name.
 * https://cloud.google.com/monitoring/promql/promql-mapping (November 2026)
 */
export function series(metric: string, resource: string, labels: Labels = {}): string {
  const name = metric.replace("/", ":").replaceAll(/[^A-Za-z0-9_:]/g, "_");
  const matchers = Object.entries({ monitored_resource: resource, ...labels }).map(([label, value]) => {
    const values = typeof value === "string" ? [value] : value;
    return values.length === 1 ? `${label}="${values[0]}"` : `${label}=~"${values.join("|")}"`;
  });
  return `${name}{${matchers.join(",")}}`;
}

/**
 * How much a counter grew, by label.
 *
 * Counts come back slightly too large, since `increase` extrapolates: compare them with halves.
 */
export function grown(counter: string, range: Seconds, by?: string): string {
  return `sum${by === undefined ? "" : ` by(${by})`}(increase(${counter}[${minutes(range)}]))`;
}

/** Every name as a series of its own, so that also what never wrote a point can be missed. */
export function named(label: string, names: readonly string[]): string {
  return `(${names.map((name) => `label_replace(vector(1),"${label}","${name}","","")`).join(" or ")})`;
}

/** A range as PromQL writes it, in whole minutes: points come once a minute. */
export function minutes(range: Seconds): string {
  return range % 3600 === 0 ? `${range / 3600}h` : `${Math.ceil(range / 60)}m`;
}
