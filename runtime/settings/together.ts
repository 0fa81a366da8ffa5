import { formatDuration } from "../../domain/duration.ts";
import type { Finding } from "../../domain/findings.ts";
import { leastOrphanAfter } from "../../domain/heartbeat.ts";
import { campaignStatuses } from "../lease/record.ts";
import { workerEnvironment } from "../worker-environment.ts";
import type { Environment } from "./environment.ts";
import { type Values, type Variable, variables } from "./variables.ts";

type Together = (values: Partial<Values>, env: Environment) => readonly Finding[];

/**
 * What is wrong with variables together, each of them right by itself. A check whose variables are not all right says
 * nothing, so that one mistake is told once.
 */
export const togetherProblems: Together = (values, env) =>
  [
    threshold,
    declaredWhole,
    shiftHasJob,
    placeWhole,
    grace,
    healthPort,
    databaseNamed,
    namesDiffer,
    requiredVariables,
  ].flatMap((check) => check(values, env));

const isGiven = ({ name }: Variable, env: Environment) => env[name] !== undefined;

const threshold: Together = ({ interval, orphanAfter }, env) => {
  if (interval === undefined || orphanAfter === undefined) return [];
  const least = leastOrphanAfter(interval);
  if (orphanAfter >= least) return [];
  const given = isGiven(variables.orphanAfter, env) ? "" : " (its default)";
  return [
    {
      path: variables.orphanAfter.name,
      problem: `${formatDuration(orphanAfter)}${given} is too short for ${variables.interval.name} of ${formatDuration(interval)}: a slow database would make healthy workers look dead.`,
      remedy: `Choose at least ${formatDuration(least)}, or a shorter interval.`,
    },
  ];
};

/** A Job that the program declared has all that it declares: a calendar that was lost would be a worker without end. */
const declaredWhole: Together = ({ contract }, env) => {
  if (contract === undefined) return [];
  return [variables.calendar, variables.job]
    .filter((variable) => !isGiven(variable, env))
    .map(({ name }) => ({
      path: name,
      problem: `is missing, and ${variables.contract.name} says that the program declared this Job: it declares both.`,
      remedy: `Deploy again, or leave ${variables.contract.name} out as well.`,
    }));
};

const shiftHasJob: Together = ({ contract }, env) => {
  if (contract !== undefined || !isGiven(variables.calendar, env) || isGiven(variables.job, env)) return [];
  return [
    {
      path: variables.job.name,
      problem: `is missing beside ${variables.calendar.name}: shifts of two workers could not be told apart.`,
      remedy: "Give the Job's full name: projects/PROJECT/locations/REGION/jobs/JOB.",
    },
  ];
};

const placeWhole: Together = (_, env) => {
  const parts = [variables.execution, variables.task, variables.attempt];
  const missing = parts.filter((variable) => !isGiven(variable, env));
  if (missing.length === 0 || missing.length === parts.length) return [];
  return missing.map(({ name }) => ({
    path: name,
    problem: "is missing, and Cloud Run sets all three: an earlier attempt could not be told from a living one.",
    remedy: `Leave ${parts.map((part) => part.name).join(", ")} to Cloud Run.`,
  }));
};

/** https://docs.cloud.google.com/run/docs/container-contract#jobs-termination (November 2026) */
const CLOUD_RUN_GRACE = 10;

const grace: Together = ({ grace, execution }) => {
  if (grace === undefined || execution === undefined || grace <= CLOUD_RUN_GRACE) return [];
  return [
    {
      path: variables.grace.name,
      problem: `${formatDuration(grace)} is more than Cloud Run gives: it kills ${CLOUD_RUN_GRACE} s after SIGTERM, before anything was given back.`,
      remedy: `Leave it out, or choose at most ${CLOUD_RUN_GRACE}s.`,
    },
  ];
};

const healthPort: Together = ({ healthPort, workerHealth }) => {
  if (healthPort === undefined || workerHealth === undefined || workerHealth === "off") return [];
  if (Number(workerHealth.port || 80) !== healthPort) return [];
  return [
    {
      path: variables.healthPort.name,
      problem: `${healthPort} is the worker's own (${variables.workerHealth.name}): one of the two could not listen.`,
      remedy: "Choose another port.",
    },
  ];
};

const databaseNamed: Together = ({ uri, database }, env) => {
  if (uri === undefined || uri.database !== undefined || database !== undefined) return [];
  if (isGiven(variables.database, env)) return [];
  return [
    {
      path: variables.database.name,
      problem: `is missing, and ${variables.uri.name} names no database: MongoDB would take one called test.`,
      remedy: "Give the name of the database that holds the campaigns.",
    },
  ];
};

const keys = {
  collections: ["campaigns", "shifts", "containers"],
  fields: ["statusField", "leaseField", "resumeField", "recoveryField"],
  statuses: campaignStatuses,
} as const;

const clash = {
  collections: "two kinds of records cannot share a collection",
  fields: "one would overwrite the other",
  statuses: "a campaign in one could not be told from one in the other",
} as const;

const namesDiffer: Together = (values) =>
  (["collections", "fields", "statuses"] as const).flatMap((kind) => {
    const taken = new Map<string, string>();
    return keys[kind].flatMap((key) => {
      const value = values[key];
      if (value === undefined) return [];
      const { name } = variables[key];
      const other = taken.get(value);
      taken.set(value, other ?? name);
      if (other === undefined) return [];
      const problem = `is the same as ${other}: ${clash[kind]}.`;
      return [{ path: name, problem, remedy: "Give each a name of its own." }];
    });
  });

const requiredVariables: Together = ({ requires = [] }, environment) => {
  const env = workerEnvironment(environment);
  return requires
    .filter((name) => !env[name])
    .map((name) => ({
      path: name,
      problem: `is ${env[name] === "" ? "set to nothing" : "missing"}, and the worker cannot run without it (${variables.requires.name}).`,
      remedy: "Set it under env, or under secrets, and deploy.",
    }));
};
