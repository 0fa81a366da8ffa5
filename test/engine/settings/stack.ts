/** The stack itself, and its images. */
import type { Row } from "./row.ts";
import {
  advice,
  channels,
  each,
  env,
  job,
  logFilter,
  policies,
  project,
  query,
  rightsOf,
  roundMetrics,
  rounds,
  roundsDashboard,
  roundsProject,
  runtimeMetrics,
  secrets,
  startMetrics,
  starts,
  title,
  worker,
  workerApis,
  workerDashboard,
  workerPolicies,
} from "./words.ts";

const moved = "ortho-ai-moved-485203";
const elsewhere = "europe-west1";
const labelled = ["repository", ...secrets];

/** Queries and texts that name the region. */
const regional = {
  ...each(startMetrics, "filter"),
  ...each(
    [
      "policy execution-failed",
      "policy executions-overlap",
      "policy heartbeat-silent",
      "policy worker-absent of the hours",
    ],
    query,
    advice,
  ),
  ...each(["policy start-missed of the hours", "policy starts-failing"], advice),
  "policy launch-failed": [logFilter, advice],
  [workerDashboard]: ["dashboardJson"],
};

const movedRegion = {
  [job]: ["location"],
  [`right to start ${worker}`]: ["location"],
  ...each(starts, "region"),
};

const protectable = [job, ...secrets];

/** All that the word `environment` is written into. */
const renamedEnvironment = (all: readonly string[], dashboards: readonly string[]) => ({
  [job]: [env("ENVIRONMENT.value"), "deletionProtection", "labels.environment", "template.labels.environment"],
  ...each(secrets, "deletionProtection", "labels.environment"),
  repository: ["dockerConfig", "labels.environment"],
  ...each(rounds, "httpTarget.body"),
  ...each(policies, ...title, "userLabels.environment"),
  ...each(all, "userLabels.environment"),
  ...each(dashboards, "dashboardJson"),
});

const relabelled = (label: string) => ({
  ...each(labelled, `labels.${label}`),
  ...each([...channels, ...policies], `userLabels.${label}`),
  [job]: [`labels.${label}`, `template.labels.${label}`],
});

export const stackRows: readonly Row[] = [
  {
    setting: "gcp:project",
    name: "with the image in, the worker goes and cannot come back: its secrets are new, and have no versions",
    change: { "gcp:project": moved },
    refused: { by: "up", saying: /Error code 9, message: Secret .* was not found/ },
  },
  {
    setting: "gcp:project",
    name: "without the image it is a first deployment in the new project, and the old one is cleared",
    change: { "gcp:project": moved, [`workers.${worker}.image`]: undefined },
    effects: {
      created: workerApis(moved),
      deleted: [
        ...workerApis(project),
        job,
        ...starts,
        `right to start ${worker}`,
        ...startMetrics,
        ...runtimeMetrics,
        ...workerPolicies,
        `channel ${project}.oncall`,
        workerDashboard,
      ],
      replaced: {
        ...each([...secrets, `account of ${worker}`, "account of starts", "repository"], "project"),
        ...each(rightsOf(worker), "member"),
      },
    },
  },
  {
    setting: "gcp:project",
    name: "a worker whose secrets the stack makes itself moves at once",
    from: {
      [`workers.${worker}.secrets`]: { TOKEN: { secret: "token", generate: { rotations: ["2026-q4"] } } },
    },
    change: { "gcp:project": moved },
    effects: {
      created: [...workerApis(moved), `channel ${moved}.oncall`, `dashboard ${moved}`],
      deleted: [...workerApis(project), `channel ${project}.oncall`, workerDashboard],
      replaced: {
        ...each([`account of ${worker}`, "account of starts", "repository", "secret token", job, ...starts], "project"),
        ...each([...startMetrics, ...runtimeMetrics, ...workerPolicies], "project"),
        ...each([`right of ${worker} to read token`, `right to start ${worker}`], "member"),
        "version token.2026-q4": ["secret"],
      },
    },
  },
  {
    setting: "gcp:region",
    name: "the Job and what starts it are replaced; accounts, secrets and what is told to stay do not move",
    change: { "gcp:region": elsewhere, "images.region": "us-central1", "rounds.region": "us-central1" },
    effects: { updated: regional, replaced: movedRegion },
  },
  {
    setting: "gcp:region",
    name: "it takes the repository and the rounds along, where they name no region of their own",
    people: (cloud) => cloud.services.add(`${roundsProject}/${elsewhere}/careflow-agent`),
    change: { "gcp:region": elsewhere },
    effects: {
      updated: {
        ...regional,
        ...each(roundMetrics, "filter"),
        "policy agent-latency": [query, advice],
        ...each(["policy round-duration", "policy round-missed-america-new-york", "policy rounds-failing"], advice),
        [roundsDashboard]: ["dashboardJson"],
      },
      replaced: {
        ...movedRegion,
        repository: ["location"],
        "right to call careflow-agent": ["location"],
        ...each(rounds, "region"),
      },
    },
  },
  {
    setting: "environment",
    name: "staging becomes prod in place, and is protected from then on",
    change: { environment: "prod" },
    effects: { updated: renamedEnvironment(channels, [workerDashboard, roundsDashboard]) },
  },
  {
    setting: "environment",
    name: "prod becomes staging in place, and tags may move again",
    stack: "prod",
    change: { environment: "staging" },
    effects: {
      updated: renamedEnvironment(
        ["channel ortho-ai-485203.oncall", "channel careflow-478811.oncall"],
        ["dashboard ortho-ai-485203", "dashboard careflow-478811"],
      ),
    },
  },
  {
    setting: "protect",
    name: "staging can be protected like prod",
    change: { protect: true },
    effects: { updated: each(protectable, "deletionProtection") },
  },
  {
    setting: "protect",
    name: "lifting it in prod changes the protection alone",
    stack: "prod",
    change: { protect: false },
    effects: { updated: each(protectable, "deletionProtection") },
  },
  {
    setting: "labels.KEY",
    name: "a label is added to everything that takes labels",
    change: { "labels.team": "voice" },
    effects: { updated: relabelled("team") },
  },
  {
    setting: "labels.KEY",
    name: "a label that is taken out goes from everything that has it",
    change: { "labels.owner": undefined },
    effects: { updated: relabelled("owner") },
  },
  {
    setting: "images.project",
    name: "the repository is replaced: what was pushed into it is gone",
    change: { "images.project": "shared-images-485203" },
    effects: {
      created: ["API shared-images-485203.artifactregistry"],
      deleted: [`API ${project}.artifactregistry`],
      replaced: { repository: ["project"] },
    },
  },
  {
    setting: "images.region",
    name: "the repository is replaced: what was pushed into it is gone",
    change: { "images.region": elsewhere },
    effects: { replaced: { repository: ["location"] } },
  },
  {
    setting: "images.repository",
    name: "the repository is replaced: what was pushed into it is gone",
    change: { "images.repository": "voice-repo" },
    effects: { replaced: { repository: ["repositoryId"] } },
  },
];
