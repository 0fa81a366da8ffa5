import { variable } from "./contract.ts";
import { imagePrefix } from "./names.ts";
import type { StackPlan } from "./plan.ts";
import type { RoundPlan, RoundsPlan } from "./rounds.ts";
import type { SchedulerJobPlan } from "./scheduler.ts";
import { secretsOf } from "./secrets.ts";
import { around, asked, forEach, gcloud, oneOf, type Word, word } from "./shell.ts";
import { endOfRun, type WorkerPlan } from "./worker.ts";

/** One operation of a person: a command that can be pasted into a shell, and when to use it. */
export interface Operation {
  /** What it is about: a worker's key, or `rounds`. */
  readonly about: string;
  readonly operation: string;
  readonly why: string;
  readonly command: string;
}

/**
 * Every operation of an operator's night, with the names of this stack. Where there are several workers, each operation
 * is there once, and takes a worker's name as $JOB: a runbook as long as the list of workers is read by nobody.
 */
export function runbook(plan: StackPlan, stack: string): readonly Operation[] {
  const [first, ...others] = plan.workers.filter(({ prepared }) => !prepared);
  return [
    ...(first === undefined ? [] : workerOperations([first, ...others], stack)),
    ...(plan.rounds === undefined ? [] : roundsOperations(plan.rounds, stack)),
  ];
}

/** Operations as one text that a shell takes as a whole or in parts. */
export function formatOperations(operations: readonly Operation[]): string {
  return operations
    .map(({ about, operation, why, command }) => `# ${about}: ${operation}. ${why}\n${command}\n`)
    .join("\n");
}

const EXECUTION = asked("EXECUTION", "set it to a name from the list of executions");

/** What a person reads of a line: the runtime's own lines, and those of a worker that prints plain text. */
const LINES = "value(timestamp,severity,jsonPayload.event,jsonPayload.message,textPayload)";

function workerOperations(workers: readonly [WorkerPlan, ...WorkerPlan[]], stack: string): readonly Operation[] {
  const [{ key, project, region }] = workers;
  const place = { project, region };
  const jobs = workers.map(({ jobName }) => jobName);
  const job = oneOf(jobs, "JOB", "set it to the name of a worker");
  const logsOf = 'resource.type="cloud_run_job" AND resource.labels.job_name="';
  const accounts = workers.map(({ accountEmail }) => accountEmail);
  const secrets = [...new Set(workers.flatMap(secretsOf))].sort();
  const about = operationOf(workers.length === 1 ? key : "workers");
  const edited = (setting: string) =>
    `In Pulumi.${stack}.yaml change workers.${workers.length === 1 ? key : "KEY"}.${setting} first.`;
  return [
    ...(workers.length === 1 ? [] : [about("choose a worker", "The commands below take it.", choice("JOB", jobs))]),
    ...manualStarts(workers, job).map(([operation, why, command]) => about(operation, why, command)),
    about(
      "list executions",
      "More than one running means that two workers answer.",
      gcloud(`run jobs executions list --job=${job.text}`, place),
    ),
    about(
      "cancel an execution",
      "Its calls are cut; the next start is the calendar's.",
      gcloud(`run jobs executions cancel ${EXECUTION}`, place),
    ),
    about(
      "logs of an execution",
      "The latest 200 lines, newest first.",
      gcloud(
        `logging read ${around(logsOf, job, '" AND labels."run.googleapis.com/execution_name"="')}${EXECUTION}'"'`,
        { project, limit: "200", freshness: "7d", format: LINES },
      ),
    ),
    about("logs of the last day", "All executions together.", readLogs(around(logsOf, job, '"'), project, LINES)),
    about(
      "check that the job is ready",
      "After each deployment: a Job whose creation failed is there all the same, and the next `pulumi up` finds nothing to do.",
      gcloud(`run jobs describe ${job.text}`, { ...place, format: "yaml(status.conditions)" }),
    ),
    ...startOperations(workers, about),
    about(
      workers.length === 1 ? "check the worker's account" : "check the workers' accounts",
      "Whom they run as.",
      forEach("account", accounts, (account) => describeAccount(account, project)),
    ),
    about(
      "check who may start it",
      "roles/run.invoker for the account of the starts, and for nobody else.",
      gcloud(`run jobs get-iam-policy ${job.text}`, place),
    ),
    ...(secrets.length === 0
      ? []
      : [
          about(
            workers.length === 1 ? "check who may read its secrets" : "check who may read the secrets",
            `roles/secretmanager.secretAccessor for ${workers.length === 1 ? accounts[0] : "the workers' accounts"} on each.`,
            forEach("secret", secrets, (secret) => gcloud(`secrets get-iam-policy ${secret}`, { project })),
          ),
        ]),
    about("change the image", edited("image"), deploy(stack)),
    about("change office hours", edited("officeHours"), deploy(stack)),
    about(
      "check for drift",
      "After a deployment, and when somebody has used the console.",
      `pulumi preview --stack=${word(stack)} --refresh --expect-no-changes`,
    ),
  ];
}

/** The scheduler jobs of one worker by their windows, those of several by $START. */
function startOperations(workers: readonly WorkerPlan[], about: About): readonly Operation[] {
  const starts = workers.flatMap((worker) => worker.starts);
  const [first] = starts;
  if (first === undefined) return [];
  if (workers.length === 1)
    return starts.flatMap((start) => schedulerOperations(about, `${start.window} start`, start));
  const names = starts.map(({ name }) => name);
  return [
    about("choose a start", "The commands below take it.", choice("START", names)),
    ...schedulerOperations(about, "start", first, oneOf(names, "START", "set it to the name of a start")),
  ];
}

/** Sets a variable to the first of some names, and shows the others. */
function choice(variable: string, [first = "", ...others]: readonly string[]): string {
  return `${variable}=${word(first)}${others.length === 0 ? "" : ` # or ${others.join(", ")}`}`;
}

function manualStarts(workers: readonly [WorkerPlan, ...WorkerPlan[]], job: Word) {
  const [{ project, region }] = workers;
  const start = (flags = {}) => gcloud(`run jobs execute ${job.text}`, { project, region, ...flags });
  // Without the runtime nothing in the image knows of office hours.
  if (!workers.some(({ supervised }) => supervised)) return [["start now", endOfRun(workers), start()]] as const;
  return [
    ["start now", `Within office hours; outside them the runtime exits at once. ${endOfRun(workers)}`, start()],
    [
      "start outside office hours",
      "For two hours, whatever the calendar says, with the runtime. Needs roles/run.jobsExecutorWithOverrides or roles/run.developer.",
      start({ "update-env-vars": `${variable.runFor}=2h` }),
    ],
  ] as const;
}

function roundsOperations(rounds: RoundsPlan, stack: string): readonly Operation[] {
  const { project, region, service, accountEmail } = rounds;
  const place = { project, region };
  const about = operationOf("rounds");
  const agent = `resource.type="cloud_run_revision" AND resource.labels.service_name="${service.name}"`;
  const names = rounds.rounds.map(({ name }) => name);
  const allRounds = (verb: "pause" | "resume") =>
    forEach("round", names, (round) => gcloud(`scheduler jobs ${verb} ${round}`, { project, location: region }));
  return [
    about(
      "list rounds",
      "With the state, the schedule and the target of each.",
      gcloud("scheduler jobs list", { project, location: region }),
    ),
    ...rounds.rounds.flatMap((round) => schedulerOperations(about, roundWords(round), round)),
    about("pause all rounds", "For maintenance: no patient is called.", allRounds("pause")),
    about("resume all rounds", "After maintenance. Missed rounds are not made up for.", allRounds("resume")),
    about(
      "logs of the agent",
      "Rounds that it took from Cloud Scheduler, with patients queried and calls initiated.",
      readLogs(word(`${agent} AND jsonPayload.source="cloud-scheduler"`), project, "json"),
    ),
    about("check the rounds' account", "Who calls the agent.", describeAccount(accountEmail, project)),
    about(
      "check who may call the agent",
      `roles/run.invoker for ${accountEmail}; without it every round is refused with 403.`,
      gcloud(`run services get-iam-policy ${service.name}`, place),
    ),
    about(
      "check the agent's request timeout",
      "Not below rounds.attemptDeadline: the retry would call the same patients again.",
      gcloud(`run services describe ${service.name}`, { ...place, format: "value(spec.template.spec.timeoutSeconds)" }),
    ),
    about("change times or deadline", `In Pulumi.${stack}.yaml change rounds first.`, deploy(stack)),
  ];
}

function roundWords({ round, hospital }: RoundPlan): string {
  return hospital === undefined ? `${round} round` : `${round} round of ${hospital}`;
}

function schedulerOperations(about: About, what: string, job: SchedulerJobPlan, word?: Word): readonly Operation[] {
  const { project, region: location, paused, token } = job;
  const name = word ?? { text: job.name, isVariable: false };
  const place = { project, location };
  return [
    about(
      `force the ${what}`,
      token.kind === "oidc"
        ? "Patients are called now, also those called today."
        : "As Cloud Scheduler would start it.",
      gcloud(`scheduler jobs run ${name.text}`, place),
    ),
    about(
      `pause the ${what}`,
      paused === undefined
        ? "Stays so through deployments."
        : `Until the next deployment: the settings say paused: ${paused}.`,
      gcloud(`scheduler jobs pause ${name.text}`, place),
    ),
    about(`resume the ${what}`, "From its next time on.", gcloud(`scheduler jobs resume ${name.text}`, place)),
    about(
      `last attempt of the ${what}`,
      "An empty status is a success.",
      gcloud(`scheduler jobs describe ${name.text}`, {
        ...place,
        format: "table(state, lastAttemptTime, scheduleTime, status.code, status.message)",
      }),
    ),
    about(
      `scheduler logs of the ${what}`,
      "Every attempt of the last day, with Google's own reason for a failure.",
      readLogs(
        around('resource.type="cloud_scheduler_job" AND resource.labels.job_id="', name, '"'),
        project,
        "value(timestamp,severity,jsonPayload.status,jsonPayload.debugInfo)",
      ),
    ),
  ];
}

type About = (operation: string, why: string, command: string) => Operation;

function operationOf(about: string): About {
  return (operation, why, command) => ({ about, operation, why, command });
}

/** @param filter as a word of the shell */
function readLogs(filter: string, project: string, format: string): string {
  return gcloud(`logging read ${filter}`, { project, limit: "200", freshness: "1d", format });
}

function describeAccount(email: string, project: string): string {
  return gcloud(`iam service-accounts describe ${email}`, { project });
}

function deploy(stack: string): string {
  return `pulumi up --stack=${word(stack)} --policy-pack=policies`;
}

/**
 * What remains to be done by people before a prepared worker can run. Its repository, secrets, account and grants
 * are there after the first `up`; its image and the secrets' versions are not, and Cloud Run refuses a Job without them.
 */
export function nextSteps(plan: StackPlan, stack: string): readonly Operation[] {
  return plan.workers.filter(({ prepared }) => prepared).flatMap((worker) => firstDeployment(worker, plan, stack));
}

function firstDeployment({ key, project }: WorkerPlan, plan: StackPlan, stack: string): readonly Operation[] {
  const about = operationOf(key);
  const awaited = plan.secrets.filter(
    ({ origin, readers }) => origin === "declared" && readers.some(({ worker }) => worker === key),
  );
  return [
    ...pushSteps(key, plan).map(([operation, why, command]) => about(operation, why, command)),
    ...awaited.map(({ secretId }) =>
      about(
        `add the first version of ${secretId}`,
        "In bash or zsh: paste the value and press Enter. It is not shown, and stays in no file and no history.",
        `read -rs VALUE && printf %s "$VALUE" | ${gcloud(`secrets versions add ${secretId}`, { project, "data-file": "-" })}; unset VALUE`,
      ),
    ),
    about("set the image", `In Pulumi.${stack}.yaml set workers.${key}.image to it, by its digest.`, deploy(stack)),
  ];
}

function pushSteps(key: string, { repository }: StackPlan): readonly (readonly [string, string, string])[] {
  if (repository === undefined) return [];
  const prefix = imagePrefix(repository);
  const [host = ""] = prefix.split("/");
  const version = asked("VERSION", "set it to the version of this image");
  const image = `${prefix}/${key}:${version}`;
  return [
    ["let docker push", "Once on each machine.", `gcloud auth configure-docker ${host}`],
    [
      "build the image",
      "Where the worker's own source and Dockerfile are; not in this repository.",
      `docker build --tag=${image} .`,
    ],
    ["push the image", "The last line shows its digest.", `docker push ${image}`],
  ];
}
