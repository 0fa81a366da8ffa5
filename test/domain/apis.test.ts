import { expect, it } from "vitest";
import { requiredApis } from "../../domain/apis.ts";
import { planStack } from "../../domain/plan.ts";
import { rounds, worker } from "../support/clinic.ts";

const { environment: _environment, project: _project, region: _region, ...careflow } = rounds();
const secrets = { KEY: { secret: "key", version: "1" } };
const calls = ["cloudscheduler", "iam", "run"];

it.each<[string, object, Record<string, string[]>]>([
  ["workers", { workers: { dental: worker() } }, { "clinic-project": calls }],
  [
    "workers with secrets",
    { workers: { dental: worker({ secrets }) } },
    { "clinic-project": [...calls, "secretmanager"] },
  ],
  ["rounds elsewhere", { rounds: { ...careflow, project: "rounds-project" } }, { "rounds-project": calls }],
  [
    "a repository elsewhere",
    { images: { repository: "agents", project: "images-project" } },
    { "images-project": ["artifactregistry"] },
  ],
  [
    "alerts",
    { workers: { dental: worker() }, rounds: { ...careflow, project: "rounds-project" }, alerts: {} },
    {
      "clinic-project": ["cloudscheduler", "iam", "logging", "monitoring", "run"],
      "rounds-project": ["cloudscheduler", "iam", "logging", "monitoring", "run"],
    },
  ],
  ["nothing", { alerts: {} }, {}],
])("a stack of %s enables what it needs in each project, and nothing else", (_, sections, expected) => {
  const context = { "gcp:project": "clinic-project", "gcp:region": "us-central1", environment: "staging" };
  const full = Object.entries(expected).map(([project, apis]) => [project, apis.map((api) => `${api}.googleapis.com`)]);
  expect(requiredApis(planStack({ ...context, ...sections }))).toEqual(Object.fromEntries(full));
});
