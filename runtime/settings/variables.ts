import { CONTRACT_VERSION, variable as contract, contractVariables } from "../../domain/contract.ts";
import { formatDuration } from "../../domain/duration.ts";
import { leastOrphanAfter } from "../../domain/heartbeat.ts";
import { MAX_TASK_TIMEOUT } from "../../domain/hours.ts";
import { recoveryPolicies } from "../lease/record.ts";
import { defaultNames } from "../store/names.ts";
import { databaseUri } from "./database-uri.ts";
import { choice, duration, type Form, shown, whole, wrong } from "./form.ts";
import {
  calendarText,
  collectionName,
  databaseName,
  executionName,
  fieldName,
  healthUrl,
  jobResource,
  statusWord,
  variableNames,
} from "./forms.ts";

/** One variable of the environment: what parsing, `--help` and docs/runtime-settings.md are made of. */
export interface Variable<T = unknown> {
  readonly name: string;
  readonly meaning: string;
  readonly form: Form<T>;
  /** What holds without it, as it would be written. */
  readonly fallback?: string;
  readonly example: string;
  readonly setBy: string;
}

/** One that always has a value. */
export interface VariableWithDefault<T> extends Variable<T> {
  readonly fallback: string;
}

const variable = <T>(told: Variable<T>): Variable<T> => told;
const withDefault = <T>(told: VariableWithDefault<T>): VariableWithDefault<T> => told;

const cloudRun = "Cloud Run";
const image = "the image, or `env`";
const program = (name: string) => `the program, from ${contractVariables[name]}`;

const contractVersion: Form<number> = {
  kind: "whole number",
  read: (text) => {
    if (text === String(CONTRACT_VERSION)) return { value: CONTRACT_VERSION };
    if (/^[1-9]\d{0,3}$/.test(text) && Number(text) > CONTRACT_VERSION) {
      return wrong(
        `${text} is newer than this runtime, which keeps contract ${CONTRACT_VERSION}: the program that declared this Job counts on what it does not do.`,
        "Build the worker's image again, with the agent-runtime of the program's version.",
      );
    }
    return wrong(
      `${shown(text)} is no contract that there was: this runtime keeps contract ${CONTRACT_VERSION}.`,
      "Leave it to the program, and deploy with the version that is in the image.",
    );
  },
};

/** https://docs.cloud.google.com/run/docs/container-contract#jobs-env-vars (November 2026) */
const place = {
  execution: variable({
    name: "CLOUD_RUN_EXECUTION",
    meaning: "The execution: part of the container's name in leases. Absent outside Cloud Run.",
    form: executionName,
    example: "dental-agent-worker-x7k2p",
    setBy: cloudRun,
  }),
  task: variable({
    name: "CLOUD_RUN_TASK_INDEX",
    meaning: "The task in the execution.",
    form: whole(0, 9999, "an execution has at most 10,000 tasks"),
    example: "0",
    setBy: cloudRun,
  }),
  attempt: variable({
    name: "CLOUD_RUN_TASK_ATTEMPT",
    meaning: "The attempt of the task: a later one takes over at once what an earlier one left.",
    form: whole(0, 1000, "attempts are counted from 0"),
    example: "0",
    setBy: cloudRun,
  }),
};

const shift = {
  contract: variable({
    name: contract.contract,
    meaning: "The contract between program and runtime. Another one than the runtime's is refused.",
    form: contractVersion,
    example: String(CONTRACT_VERSION),
    setBy: program(contract.contract),
  }),
  job: variable({
    name: contract.job,
    meaning: "The Job, whose shifts are told apart by it.",
    form: jobResource,
    example: "projects/clinic-project/locations/us-central1/jobs/dental-agent-worker",
    setBy: program(contract.job),
  }),
  calendar: variable({
    name: contract.calendar,
    meaning: "When the clinic is open. Without it the worker runs until it ends or is told to.",
    form: calendarText,
    example:
      '{"timeZone":"Asia/Karachi","week":[{"name":"weekday","days":"mon-fri","open":"09:00","close":"17:00"}],"holidays":["2026-12-25"],"lead":0,"drain":900}',
    setBy: program(contract.calendar),
  }),
  runFor: variable({
    name: contract.runFor,
    meaning: "Run for this long, whatever the calendar says.",
    form: duration(1, MAX_TASK_TIMEOUT, "Cloud Run has no longer tasks"),
    example: "2h",
    setBy: contractVariables[contract.runFor] ?? "",
  }),
};

const leases = {
  interval: withDefault({
    name: contract.heartbeatInterval,
    meaning: "Between two heartbeats.",
    form: duration(1, 3600, "a longer one notices nothing in time"),
    fallback: "30s",
    example: "30s",
    setBy: program(contract.heartbeatInterval),
  }),
  orphanAfter: withDefault({
    name: contract.orphanAfter,
    meaning: `Silence after which campaigns are taken over: at least three intervals, and one interval and ${formatDuration(leastOrphanAfter(0))}, so that a slow database makes nobody look dead.`,
    form: duration(leastOrphanAfter(1), 86_400, "a dead worker must be noticed the same day"),
    fallback: "120s",
    example: "120s",
    setBy: program(contract.orphanAfter),
  }),
  capacity: withDefault({
    name: "AGENT_CAPACITY",
    meaning: "How many campaigns this container works on at once.",
    form: whole(1, 1000, "as many as one heartbeat carries"),
    fallback: "1",
    example: "4",
    setBy: image,
  }),
  recoveryPolicy: withDefault({
    name: "AGENT_RECOVERY_POLICY",
    meaning: "What becomes of an orphaned campaign that does not say so itself.",
    form: choice(...recoveryPolicies),
    fallback: "resume",
    example: "terminate",
    setBy: image,
  }),
  recoveryLimit: withDefault({
    name: "AGENT_RECOVERY_LIMIT",
    meaning:
      "Recoveries in a row without progress, after which a campaign is quarantined. One less, and one at least, where the last death took a retry of the task that asks.",
    form: whole(1, 100, "a campaign that kills a hundred workers will kill the next"),
    fallback: "3",
    example: "5",
    setBy: image,
  }),
};

const worker = {
  requires: variable({
    name: "AGENT_REQUIRES",
    meaning: "Variables without which the worker cannot run. All that are missing are named at the start.",
    form: variableNames,
    example: "LIVEKIT_URL,LIVEKIT_API_KEY,LIVEKIT_API_SECRET",
    setBy: image,
  }),
  grace: withDefault({
    name: "AGENT_GRACE",
    meaning: "From SIGTERM to SIGKILL, as the platform gives it.",
    form: duration(5, 3600, "the worker's end, the leases and the exit need five seconds"),
    fallback: "10s",
    example: "8s",
    setBy: image,
  }),
  restarts: withDefault({
    name: "AGENT_RESTARTS",
    meaning: "How often a worker that died is started again in one shift.",
    form: whole(0, 100, "a worker that dies more often needs a person"),
    fallback: "5",
    example: "0",
    setBy: image,
  }),
  workerHealth: withDefault({
    name: "AGENT_WORKER_HEALTH",
    meaning: "Where the worker answers whether it is well; LiveKit's own address by default.",
    form: healthUrl,
    fallback: "http://127.0.0.1:8081/",
    example: "off",
    setBy: image,
  }),
  healthPort: variable({
    name: "AGENT_HEALTH_PORT",
    meaning: "A loopback port for the runtime's own probes: /live, /ready. Without it they are on the socket alone.",
    form: whole(1024, 65_535, "a process without rights may listen on no lower one"),
    example: "8090",
    setBy: image,
  }),
};

const database = {
  uri: variable({
    name: "MONGODB_URI",
    meaning: "Where the records are. Without it there are no leases: nothing is recovered, and the log says so.",
    form: databaseUri,
    example: "a secret, by `secrets`",
    setBy: "`secrets`, from Secret Manager",
  }),
  database: variable({
    name: "AGENT_DATABASE",
    meaning: "The database, where the URI names none or another is meant.",
    form: databaseName,
    example: "clinic",
    setBy: image,
  }),
  idKind: withDefault({
    name: "AGENT_CAMPAIGN_ID",
    meaning: "What a campaign's `_id` is: a hex string does not find an ObjectId.",
    form: choice("string", "objectId"),
    fallback: defaultNames.id,
    example: "objectId",
    setBy: image,
  }),
};

const collection = (name: string, of: string, fallback: string) =>
  withDefault({
    name,
    meaning: `The collection of ${of}.`,
    form: collectionName,
    fallback,
    example: `clinic_${fallback.replace(/^agent_/, "")}`,
    setBy: image,
  });

const field = (name: string, what: string, fallback: string, example: string) =>
  withDefault({
    name,
    meaning: `The field of a campaign that holds ${what}.`,
    form: fieldName,
    fallback,
    example,
    setBy: image,
  });

const status = (name: string, of: string, fallback: string, example: string) =>
  withDefault({ name, meaning: `Stands for: ${of}.`, form: statusWord, fallback, example, setBy: image });

const { collections, fields, statuses } = defaultNames;

/** One variable a name, rather than all names in one: they are read aloud, set one by one, and a slip has a place. */
const names = {
  campaigns: collection("AGENT_CAMPAIGNS_COLLECTION", "campaigns", collections.campaigns),
  shifts: collection("AGENT_SHIFTS_COLLECTION", "shifts", collections.shifts),
  containers: collection("AGENT_CONTAINERS_COLLECTION", "containers", collections.containers),
  statusField: field("AGENT_STATUS_FIELD", "its status", fields.status, "state"),
  leaseField: field("AGENT_LEASE_FIELD", "whose it is", fields.lease, "agentLease"),
  resumeField: field("AGENT_RESUME_FIELD", "how far it is", fields.resume, "agentResume"),
  recoveryField: field("AGENT_RECOVERY_FIELD", "its recoveries", fields.recovery, "agentRecovery"),
  queued: status("AGENT_STATUS_QUEUED", "waits for a worker", statuses.queued, "pending"),
  running: status("AGENT_STATUS_RUNNING", "a worker has it", statuses.running, "in_progress"),
  interrupted: status("AGENT_STATUS_INTERRUPTED", "given back, to be resumed", statuses.interrupted, "paused"),
  completed: status("AGENT_STATUS_COMPLETED", "done", statuses.completed, "done"),
  failed: status("AGENT_STATUS_FAILED", "given up", statuses.failed, "error"),
  quarantined: status("AGENT_STATUS_QUARANTINED", "recovered too often, for a person", statuses.quarantined, "stuck"),
};

export const variables = { ...shift, ...leases, ...worker, ...database, ...names, ...place };

/** As people read them. */
export const sections: readonly { readonly title: string; readonly variables: readonly Variable[] }[] = [
  { title: "The shift", variables: Object.values(shift) },
  { title: "Heartbeats and recovery", variables: Object.values(leases) },
  { title: "The worker", variables: Object.values(worker) },
  { title: "The database", variables: Object.values(database) },
  { title: "Names in an existing database", variables: Object.values(names) },
  { title: "Where the container stands", variables: Object.values(place) },
];

type Key = keyof typeof variables;

/** What each variable was read as. */
export type Values = {
  readonly [K in Key]: (typeof variables)[K] extends VariableWithDefault<infer T>
    ? T
    : (typeof variables)[K] extends Variable<infer T>
      ? T | undefined
      : never;
};

/** Of the contract, and not the runtime's to read. */
export const othersVariables: readonly string[] = [contract.environment, contract.socket];
