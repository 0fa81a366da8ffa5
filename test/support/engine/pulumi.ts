/** Runs commands of the Pulumi CLI in a project, without a cloud, a login or a network, and reads what it did. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { delimiter, dirname, join, resolve } from "node:path";
import { compileCacheDir } from "../../../preview/host/compile-cache.ts";

export interface Invocation {
  /** The CLI. */
  readonly pulumi: string;
  /** The directory of Pulumi.yaml. */
  readonly cwd: string;
  /** The stack that a command means when it names none. */
  readonly stack: string;
  /** Where this project keeps state, log and credentials. */
  readonly home: string;
  /** Ports of the providers, by package. */
  readonly providers: Readonly<Record<string, number>>;
  /** Without what the SDK does for its own developers alone: a third of a command's time. Left out: as a person runs it. */
  readonly light?: boolean | undefined;
}

/** What happened to one resource. */
export interface Step {
  /** `create`, `update`, `replace`, `delete`, `same`, … */
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  /** What the program calls it. */
  readonly name: string;
  /** Paths that differ, where it was updated or replaced. */
  readonly changed: readonly string[];
}

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** In order; the halves of a replacement are told apart by `create-replacement` and `delete-replaced`. */
  readonly steps: readonly Step[];
  /** Errors, as people read them. */
  readonly errors: readonly string[];
  /** What policies said, in the order in which the engine met it. */
  readonly violations: readonly Violation[];
}

export interface Violation {
  readonly rule: string;
  readonly level: string;
  readonly urn: string;
  /** The policy's description, and below it what it found. */
  readonly message: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly result: Promise<Result>;
}

const LIGHTEN = resolve(import.meta.dirname, "../../../preview/host/lighten.cjs");

let commands = 0;

/** Starts a command. The result never rejects: an exit code is for the test to judge. */
export function start(invocation: Invocation, args: readonly string[]): Running {
  commands += 1;
  const log = join(invocation.home, `events-${commands}.json`);
  const logged = ["up", "preview", "destroy", "refresh", "import"].includes(args[0] ?? "");
  const child = spawn(
    invocation.pulumi,
    [...args, "--non-interactive", "--color=never", ...(logged ? ["--event-log", log] : [])],
    { cwd: invocation.cwd, env: environment(invocation), stdio: ["ignore", "pipe", "pipe"] },
  );
  const stdout = collected(child.stdout);
  const stderr = collected(child.stderr);
  const result = new Promise<Result>((done, failed) => {
    child.once("error", failed);
    child.once("close", (code) => {
      events(log).then((all) => done({ code, stdout: stdout(), stderr: stderr(), ...read(all) }), failed);
    });
  });
  return { child, result };
}

export function environment({ pulumi, home, stack, providers, light = false }: Invocation): NodeJS.ProcessEnv {
  const ports = Object.entries(providers).map(([name, port]) => `${name}:${port}`);
  const cache = compileCacheDir();
  return {
    ...process.env,
    PATH: [dirname(pulumi), dirname(process.execPath), ...languageHost(pulumi), process.env.PATH].join(delimiter),
    PULUMI_HOME: home,
    PULUMI_STACK: stack,
    PULUMI_BACKEND_URL: `file://${home}`,
    PULUMI_CONFIG_PASSPHRASE: "not a secret: this state ends with the test",
    PULUMI_DEBUG_PROVIDERS: ports.join(","),
    PULUMI_DEBUG_COMMANDS: "true", // for --event-log
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: "true",
    ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }),
    ...(light ? { NODE_OPTIONS: `--require=${LIGHTEN}` } : {}),
  };
}

/**
 * The real one comes with a downloaded CLI; ours stands in where there is none.
 *
 * @returns the directory of ours, where it is needed
 */
export function languageHost(pulumi: string): readonly string[] {
  const directories = [dirname(pulumi), ...(process.env.PATH ?? "").split(delimiter)];
  const real = directories.some((directory) => existsSync(join(directory, "pulumi-language-nodejs")));
  return real ? [] : [join(import.meta.dirname, "bin")];
}

function collected(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = [];
  stream?.on("data", (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}

/** An event of the engine, as far as we read it (github.com/pulumi/pulumi, sdk/go/common/apitype/events.go). */
interface EngineEvent {
  readonly resourcePreEvent?: { readonly metadata: StepMetadata };
  readonly diagnosticEvent?: { readonly severity: string; readonly message: string };
  readonly policyEvent?: {
    readonly resourceUrn?: string;
    readonly message: string;
    readonly policyName: string;
    readonly enforcementLevel: string;
  };
}

interface StepMetadata {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly detailedDiff?: Readonly<Record<string, unknown>> | null;
}

async function events(file: string): Promise<readonly EngineEvent[]> {
  if (!existsSync(file)) return [];
  const lines = (await readFile(file, "utf8")).split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as EngineEvent);
}

function read(all: readonly EngineEvent[]): Pick<Result, "steps" | "errors" | "violations"> {
  const steps = all.flatMap(({ resourcePreEvent }) => (resourcePreEvent ? [step(resourcePreEvent.metadata)] : []));
  const errors = all.flatMap(({ diagnosticEvent }) =>
    diagnosticEvent?.severity === "error" ? [diagnosticEvent.message.replace(/<\{%[^%]*%\}>/g, "").trim()] : [],
  );
  const violations = all.flatMap(({ policyEvent }) => (policyEvent ? [violation(policyEvent)] : []));
  return { steps, errors, violations };
}

function violation(event: NonNullable<EngineEvent["policyEvent"]>): Violation {
  const { policyName: rule, enforcementLevel: level, resourceUrn: urn = "", message } = event;
  return { rule, level, urn, message: message.replace(/<\{%[^%]*%\}>/g, "").trim() };
}

function step({ op, urn, type, detailedDiff }: StepMetadata): Step {
  const name = urn.split("::").slice(3).join("::");
  return { op, urn, type, name, changed: Object.keys(detailedDiff ?? {}) };
}
