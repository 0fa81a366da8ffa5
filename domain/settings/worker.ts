import { z } from "zod";
import { contractVariables } from "../contract.ts";
import { formatDuration } from "../duration.ts";
import { cpus, memoryProblem, parseMemory } from "../envelope.ts";
import { quoted } from "../findings.ts";
import { leastOrphanAfter } from "../heartbeat.ts";
import { MAX_TASK_TIMEOUT, MOST_TASK_RETRIES } from "../hours.ts";
import { imageProblem } from "../image.ts";
import { duration, mapOf, openText, problem, text, whole } from "./fields.ts";
import { endingHours, fittingHours, officeHoursOf, officeHoursSchema } from "./hours.ts";
import { inspect } from "./inspect.ts";
import { secretSchema } from "./secrets.ts";
import { written } from "./written.ts";

/**
 * Names that Cloud Run sets itself.
 * https://docs.cloud.google.com/run/docs/container-contract#env-vars (November 2026)
 */
const reservedByCloudRun = /^(PORT|K_SERVICE|K_REVISION|K_CONFIGURATION|CLOUD_RUN_.*|X_GOOGLE_.*)$/;

const variableName = text({ kind: "a variable's name", example: "LIVEKIT_AGENT_NAME" }, (name) => {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    return {
      problem: `${quoted(name)} is not a variable's name: letters, digits and underscores, no digit first.`,
      remedy: "Rename the variable.",
    };
  }
  if (reservedByCloudRun.test(name)) {
    return { problem: `${name} is reserved: Cloud Run sets it itself.`, remedy: "Leave it out, or rename it." };
  }
  if (Object.hasOwn(contractVariables, name)) {
    const setting = contractVariables[name];
    return {
      problem: `${name} follows from ${setting}, and cannot be set beside it.`,
      remedy: `Leave it out; it comes from ${setting}.`,
    };
  }
  return undefined;
});

const heartbeatSchema = z
  .strictObject({
    interval: duration({ min: 1, max: 3600, reason: "a longer one notices nothing in time" })
      .prefault("30s")
      .describe("Time between heartbeats."),
    orphanAfter: duration({ min: 3, max: 86_400, reason: "a dead worker must be noticed the same day" })
      .prefault("120s")
      .describe(
        `Silence after which a worker's campaigns are taken over: at least three intervals, and one interval and ${formatDuration(leastOrphanAfter(0))}.`,
      ),
  })
  .check(
    inspect(["interval", "orphanAfter"], (context) => {
      const { interval, orphanAfter } = context.value;
      const least = leastOrphanAfter(interval);
      if (orphanAfter >= least) return;
      problem(
        context,
        `${formatDuration(orphanAfter)} is too short for an interval of ${formatDuration(interval)}: a slow database would make healthy workers look dead.`,
        `Choose at least ${formatDuration(least)}, or a shorter interval.`,
        ["orphanAfter"],
      );
    }),
  );

/** Settings of one worker. */
export const workerSchema = z
  .strictObject({
    image: text(
      {
        kind: "an image in Artifact Registry",
        example: "us-central1-docker.pkg.dev/PROJECT/REPOSITORY/IMAGE@sha256:…",
        limits: "with a tag or a digest",
      },
      imageProblem,
    )
      .optional()
      .describe("The worker's image, by digest in prod. Without one the worker is only prepared."),
    command: z
      .array(openText)
      .register(written, { kind: "a list of words", example: "[python, worker_main.py]" })
      .check((context) => {
        if ((context.value[0] ?? "") !== "") return;
        problem(context, "the command is empty.", "Give the program first, such as [python, worker_main.py].");
      })
      .optional()
      .describe("What the runtime starts and supervises."),
    supervise: z
      .boolean()
      .default(true)
      .describe(
        "Whether the runtime is the entry point. With `false` the image's own is, without calendar, heartbeat or recovery.",
      ),
    cpu: z
      .literal(cpus)
      .register(written, {
        kind: "a number of vCPU",
        example: "2",
        limits: "Cloud Run has jobs with 1, 2, 4, 6 or 8 vCPU",
      })
      .default(2)
      .describe("vCPU of the worker's task."),
    memory: text(
      { kind: "an amount of memory", example: "4Gi", limits: "512Mi to 32Gi, as the vCPU allow" },
      // The amount alone: whether the vCPU allow it is looked at when both are known.
      (value) => (parseMemory(value) === undefined ? memoryProblem(1, value) : undefined),
    )
      .default("4Gi")
      .describe("Memory of the worker's task."),
    officeHours: officeHoursSchema.describe("When the clinic is open. Starts, timeout and calendar follow from it."),
    lead: duration({ min: 0, max: 7200, reason: "a worker that starts hours early is paid for, and idle" })
      .check((context) => {
        if (context.value % 60 === 0) return;
        const given = formatDuration(context.value);
        problem(
          context,
          `${given} is not a whole number of minutes: Cloud Scheduler fires on the minute.`,
          "Write it in minutes, such as 2m.",
        );
      })
      .prefault("0m")
      .describe("How long before opening the worker starts."),
    drain: duration({ min: 0, max: 4 * 3600, reason: "a call that runs on longer after closing is stuck" })
      .prefault("15m")
      .describe("How long calls may run on after closing."),
    timeout: duration({ min: 60, max: MAX_TASK_TIMEOUT, reason: "Cloud Run has no longer tasks" })
      .optional()
      .describe("A fixed task timeout. Left out it is derived: longest shift, lead, drain and 10 minutes."),
    maxRetries: whole(0, MOST_TASK_RETRIES, `Cloud Run retries a task at most ${MOST_TASK_RETRIES} times`)
      .default(3)
      .describe("How often Cloud Run restarts a task that failed. Closing exits 0, so that no retry runs past it."),
    env: mapOf(variableName, openText).default({}).describe("Plain variables of the worker. Never a secret."),
    secrets: mapOf(variableName, secretSchema).default({}).describe("Variables from Secret Manager."),
    heartbeat: heartbeatSchema.prefault({}).describe("How the worker shows that it lives."),
  })
  .check(
    inspect(["cpu", "memory"], (context) => {
      const found = memoryProblem(context.value.cpu, context.value.memory);
      if (found !== undefined) problem(context, found.problem, found.remedy, ["memory"]);
    }),
    inspect(["command", "supervise"], (context) => {
      const { supervise, command } = context.value;
      if (supervise && command === undefined) {
        problem(
          context,
          "is missing: the runtime has nothing to start.",
          "Give the worker's command, such as [python, worker_main.py], or supervise: false.",
          ["command"],
        );
      }
      if (!supervise && command !== undefined) {
        problem(
          context,
          "without the runtime the image's own entry point runs, and no command.",
          "Leave command out, or supervise the worker.",
          ["command"],
        );
      }
    }),
    inspect([], (context) => {
      const { env, secrets } = context.value;
      for (const name of Object.keys(secrets ?? {}).filter((name) => Object.hasOwn(env ?? {}, name))) {
        problem(context, `${name} is also in env: Cloud Run takes each name once.`, "Keep one of the two.", [
          "secrets",
          name,
        ]);
      }
    }),
    endingHours,
    fittingHours,
  )
  .transform(({ officeHours, ...worker }) => ({ ...worker, officeHours: officeHoursOf(officeHours) }));

/** As written in a stack file. */
export type WorkerInput = z.input<typeof workerSchema>;
/** Parsed, with every default. */
export type WorkerSettings = z.output<typeof workerSchema>;
