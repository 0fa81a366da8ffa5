/** Workers, but for their hours and secrets. */
import { pushImage } from "../../support/cloud/people.ts";
import type { Row } from "./row.ts";
import {
  advice,
  container,
  each,
  env,
  hourPolicies,
  image,
  job,
  logFilter,
  project,
  query,
  rightsOf,
  runtimeMetrics,
  runtimePolicies,
  startMetrics,
  starts,
  worker,
  workerDashboard,
  workerPolicies,
} from "./words.ts";

const at = (setting: string) => `workers.${worker}.${setting}`;
const digest = `us-central1-docker.pkg.dev/ortho-ai-485203/agent-repo/dental-agent-worker@sha256:${"1".repeat(64)}`;

/** What there is of a worker alone. */
const ofWorker = (key: string) => [
  `account of ${key}`,
  `job ${key}`,
  `right to start ${key}`,
  ...rightsOf(key),
  `start ${key}.saturday`,
  `start ${key}.weekday`,
];

/** What names every worker. */
const watching = {
  ...each([...startMetrics, ...runtimeMetrics], "filter"),
  ...each(["policy execution-failed", "policy executions-overlap", "policy heartbeat-silent"], query, advice),
  ...each(["policy launch-failed", "policy orphan-quarantined", "policy orphan-recovered"], logFilter, advice),
  "policy starts-failing": [advice],
  [workerDashboard]: ["dashboardJson"],
};

const ortho = {
  image: `${image}:latest`,
  command: ["python", "worker_main.py"],
  officeHours: { timeZone: "Asia/Karachi", week: { weekday: { days: "mon-fri", open: "09:00", close: "17:00" } } },
};

export const workerRows: readonly Row[] = [
  {
    setting: "workers",
    name: "a renamed worker is another worker, and the one before goes",
    change: { rename: `workers.${worker}`, to: "dentist-agent-worker" },
    effects: {
      created: ofWorker("dentist-agent-worker"),
      deleted: ofWorker(worker),
      updated: { ...watching, ...each(hourPolicies, query, advice) },
    },
  },
  {
    // Both would be called dental-agent-start-…: what is new is made before what is old goes.
    setting: "workers",
    name: "a worker that is renamed to the same without -worker meets its own starts",
    change: { rename: `workers.${worker}`, to: "dental-agent" },
    refused: { by: "up", saying: /409: .*dental-agent-start-weekday already exists/ },
  },
  {
    setting: "workers",
    name: "a second worker with hours of its own has alerts of its own, and joins the others",
    change: { "workers.ortho": ortho },
    effects: {
      created: ["account of ortho", "job ortho", "right to start ortho", "start ortho.weekday", ...hourPolicies],
      updated: watching,
    },
  },
  {
    setting: "workers",
    name: "a second worker with the same hours joins the alerts of the first",
    from: { [at("officeHours")]: ortho.officeHours },
    change: { "workers.ortho": ortho },
    effects: {
      created: ["account of ortho", "job ortho", "right to start ortho", "start ortho.weekday"],
      updated: { ...watching, ...each(hourPolicies, query, advice) },
    },
  },
  {
    setting: "workers.KEY.image",
    name: "the next start runs the new image",
    people: (cloud) => pushImage(cloud, `${image}:2026-11-23`),
    change: { [at("image")]: `${image}:2026-11-23` },
    effects: { updated: { [job]: [`${container}.image`] } },
  },
  {
    setting: "workers.KEY.image",
    name: "prod goes to another digest in place",
    stack: "prod",
    people: (cloud) => pushImage(cloud, digest),
    change: { [at("image")]: digest },
    effects: { updated: { [job]: [`${container}.image`] } },
  },
  {
    setting: "workers.KEY.image",
    name: "an image that nobody pushed is refused by name",
    change: { [at("image")]: `${image}:unknown` },
    refused: { by: "up", saying: /Image '.*dental-agent-worker:unknown' not found/ },
  },
  {
    setting: "workers.KEY.image",
    name: "without an image the worker is prepared again: its Job, its starts and its alerts go",
    change: { [at("image")]: undefined },
    effects: {
      deleted: [
        job,
        ...starts,
        `right to start ${worker}`,
        ...startMetrics,
        ...runtimeMetrics,
        ...workerPolicies,
        `channel ${project}.oncall`,
        workerDashboard,
      ],
    },
  },
  {
    setting: "workers.KEY.image",
    name: "in prod it cannot be taken away",
    stack: "prod",
    change: { [at("image")]: undefined },
    refused: { by: "preview", saying: /dental-agent-worker-job" cannot be deleted\s+because it is protected/ },
  },
  {
    setting: "workers.KEY.command",
    name: "the next start runs another command",
    change: { [at("command")]: ["python", "worker_main.py", "--quiet"] },
    effects: { updated: { [job]: [`${container}.args[3]`] } },
  },
  {
    setting: "workers.KEY.supervise",
    name: "without the runtime nothing is left of its contract, and nobody waits for its heartbeats",
    change: { [at("supervise")]: false, [at("command")]: undefined },
    effects: {
      deleted: [...runtimeMetrics, ...runtimePolicies],
      updated: {
        [job]: [
          `${container}.args`,
          `${container}.commands`,
          ...["AGENT_CALENDAR", "AGENT_CONTRACT", "AGENT_JOB", "HEARTBEAT_INTERVAL", "ORPHAN_DETECTION_THRESHOLD"].map(
            env,
          ),
        ],
        ...each(["policy launch-failed", ...hourPolicies], advice),
        [workerDashboard]: ["dashboardJson"],
      },
    },
  },
  {
    setting: "workers.KEY.cpu",
    name: "the next start has more vCPU",
    change: { [at("cpu")]: 4 },
    effects: { updated: { [job]: [`${container}.resources.limits.cpu`] } },
  },
  {
    setting: "workers.KEY.memory",
    name: "the next start has more memory",
    change: { [at("memory")]: "8Gi" },
    effects: { updated: { [job]: [`${container}.resources.limits.memory`] } },
  },
  {
    setting: "workers.KEY.maxRetries",
    name: "none is none, not Google's default of three",
    change: { [at("maxRetries")]: 0 },
    effects: { updated: { [job]: ["template.template.maxRetries"] } },
  },
  {
    setting: "workers.KEY.env.KEY",
    name: "a variable comes without touching the others",
    change: { [at("env.LOG_LEVEL")]: "debug" },
    effects: { updated: { [job]: [env("LOG_LEVEL")] } },
  },
  {
    setting: "workers.KEY.env.KEY",
    name: "a variable gets another value",
    change: { [at("env.LIVEKIT_AGENT_NAME")]: "dentist" },
    effects: { updated: { [job]: [env("LIVEKIT_AGENT_NAME.value")] } },
  },
  {
    setting: "workers.KEY.env.KEY",
    name: "a variable that is taken out is gone",
    change: { [at("env.LIVEKIT_AGENT_NAME")]: undefined },
    effects: { updated: { [job]: [env("LIVEKIT_AGENT_NAME")] } },
  },
  {
    setting: "workers.KEY.heartbeat.interval",
    name: "the next start beats faster",
    change: { [at("heartbeat.interval")]: "20s" },
    effects: { updated: { [job]: [env("HEARTBEAT_INTERVAL.value")] } },
  },
  {
    setting: "workers.KEY.heartbeat.orphanAfter",
    name: "the next start waits longer before it takes over",
    change: { [at("heartbeat.orphanAfter")]: "180s" },
    effects: { updated: { [job]: [env("ORPHAN_DETECTION_THRESHOLD.value")] } },
  },
];
