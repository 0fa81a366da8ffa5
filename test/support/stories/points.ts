import type { LogMetricPlan } from "../../../domain/alerts/plan.ts";
import type { Series } from "../remote-write.ts";
import { fieldOf, type LogEntry, matcher } from "./log-filter.ts";
import type { Execution, World } from "./world.ts";

const MINUTE = 60_000;

type Labels = Readonly<Record<string, string>>;

/** One step of a counter. */
interface Step {
  readonly labels: Labels;
  readonly at: number;
}

/**
 * What Cloud Monitoring shows of a world, a point a minute, each some milliseconds late.
 *
 * A counter that counts anything in the story starts at 0 with it: Prometheus cannot see the first step of a series that
 * is born at 1, while Google's counters are made of steps. A gauge has points only while an execution runs.
 */
export function points(
  world: World,
  metrics: readonly LogMetricPlan[],
  from: number,
  to: number,
  late: number,
): readonly Series[] {
  const minutes = Array.from({ length: (to - from) / MINUTE + 1 }, (_, index) => from + index * MINUTE);
  const steps = [
    ...metrics.flatMap((metric) => logged(metric, world.entries)),
    ...completions(world),
    ...latencies(world),
  ];
  const counters = [...Map.groupBy(steps, ({ labels }) => JSON.stringify(labels)).values()].map((ofSeries): Series => {
    const times = ofSeries.map(({ at }) => at).sort((a, b) => a - b);
    let count = 0;
    return {
      labels: ofSeries[0]?.labels ?? {},
      samples: minutes.map((minute) => {
        while (count < times.length && (times[count] as number) <= minute) count++;
        return [minute + late, count];
      }),
    };
  });
  const gauges = [...Map.groupBy(world.executions, ({ worker }) => worker.jobName).values()].map(
    (executions): Series => ({
      labels: jobLabels("run_googleapis_com:job_running_executions", executions[0] as Execution),
      samples: minutes.flatMap((minute) => {
        const running = executions.filter(({ from, until }) => from <= minute && minute < until).length;
        return running === 0 ? [] : [[minute + late, running] as const];
      }),
    }),
  );
  return [...counters, ...gauges];
}

function completions({ executions }: World): readonly Step[] {
  return executions.map((execution) => ({
    at: execution.until,
    labels: { ...jobLabels("run_googleapis_com:job_completed_execution_count", execution), result: execution.result },
  }));
}

function jobLabels(name: string, { worker: { jobName, project, region } }: Execution): Labels {
  const labels = { project_id: project, location: region, job_name: jobName };
  return { __name__: name, monitored_resource: "cloud_run_job", ...labels };
}

/** Cloud Run's own distribution of every request, in milliseconds. */
function latencies({ entries }: World): readonly Step[] {
  const bounds = [1000, 5000, 15_000, 30_000, 60_000, 300_000, 3_600_000];
  return entries.flatMap((entry) => {
    const latency = secondsOf(entry.httpRequest?.latency);
    if (latency === undefined) return [];
    return buckets("run_googleapis_com:request_latencies", entry, bounds, latency * 1000);
  });
}

/** The entries that a log-based metric counts. */
function logged({ name, filter, distribution }: LogMetricPlan, entries: readonly LogEntry[]): readonly Step[] {
  const matches = matcher(filter);
  const metric = `logging_googleapis_com:user_${name}`;
  return entries.filter(matches).flatMap((entry) => {
    if (distribution === undefined) {
      return [{ at: entry.at, labels: entryLabels(metric, entry) }];
    }
    const path = /^EXTRACT\((.*)\)$/.exec(distribution.valueExtractor)?.[1] ?? "";
    const found = fieldOf(entry, path);
    const value = typeof found === "number" ? found : secondsOf(found);
    if (value === undefined) return [];
    const { scale, growthFactor, count } = distribution.buckets;
    const bounds = Array.from({ length: count + 1 }, (_, index) => scale * growthFactor ** index);
    return buckets(metric, entry, bounds, value);
  });
}

/** Every bucket is a series, also one that stays empty. */
function buckets(metric: string, entry: LogEntry, bounds: readonly number[], value: number): readonly Step[] {
  return [...bounds, Number.POSITIVE_INFINITY].map((bound) => ({
    at: value <= bound ? entry.at : Number.POSITIVE_INFINITY,
    labels: {
      ...entryLabels(`${metric}_bucket`, entry),
      le: bound === Number.POSITIVE_INFINITY ? "+Inf" : String(bound),
    },
  }));
}

function entryLabels(name: string, { resource }: LogEntry): Labels {
  return { __name__: name, monitored_resource: resource.type, ...resource.labels };
}

/** `20s` is 20, as Logging extracts a duration. */
function secondsOf(text: unknown): number | undefined {
  const match = /^([0-9.]+)s$/.exec(String(text));
  return match === null ? undefined : Number(match[1]);
}
