import { event } from "../../domain/contract.ts";
import { count, describe, FindingsError, visible } from "../../domain/findings.ts";
import { versionLine } from "../build.ts";
import { exitCode } from "../exit-codes.ts";
import type { Clock, Log } from "../ports.ts";
import type { Environment } from "../settings/environment.ts";
import type { DatabaseSettings, Settings } from "../settings.ts";
import { type Store, StoreError } from "../store/store.ts";
import { type Invocation, invocation, UsageError } from "./arguments.ts";

/** Supervises a worker. @returns the exit code */
export type Run = (settings: Settings, command: readonly string[]) => Promise<number>;

/** What a command line needs of the machine. Each part is loaded when it is needed: `--version` loads none. */
export interface MainPorts {
  readonly env: Environment;
  readonly clock: Pick<Clock, "after" | "wall">;
  /** For programs and people who asked. */
  out(text: string): void;
  /** For people. */
  err(text: string): void;
  readonly log: Log;
  /** Whether a person reads what goes to `err`, rather than Cloud Logging. */
  readonly watched: boolean;
  executable(command: string): string | undefined;
  open(settings: DatabaseSettings): Promise<Store>;
  run(): Promise<Run>;
}

/** @returns the exit code */
export async function main(argv: readonly string[], ports: MainPorts): Promise<number> {
  try {
    return await perform(invocation(argv), ports);
  } catch (error) {
    if (error instanceof UsageError) {
      ports.err(`agent-runtime: ${visible(error.message)}\n`);
      return exitCode.usage;
    }
    if (error instanceof FindingsError) {
      refuse(error, ports);
      return exitCode.settings;
    }
    if (error instanceof StoreError) {
      ports.err(`agent-runtime: the database does not answer, or refuses: ${visible(error.message)}\n`);
      return exitCode.unavailable;
    }
    throw error;
  }
}

async function perform(asked: Invocation, ports: MainPorts): Promise<number> {
  switch (asked.command) {
    case "version":
      ports.out(`${versionLine()}\n`);
      return exitCode.ok;
    case "help":
      ports.out((await import("./help.ts")).helpText());
      return exitCode.ok;
    case "check": {
      const { check } = await import("./check.ts");
      return check(ports.env, asked.worker, ports, (line) => ports.out(`${line}\n`));
    }
    case "campaigns": {
      const { campaignsTable } = await import("./records.ts");
      return listed(ports, (store) => campaignsTable(store, asked, ports.clock.wall()));
    }
    case "shifts": {
      const { shiftsTable } = await import("./records.ts");
      return listed(ports, (store) => shiftsTable(store, asked.limit, ports.clock.wall()));
    }
    case "run":
      return supervised(asked.worker, ports);
  }
}

async function supervised(worker: readonly string[], ports: MainPorts): Promise<number> {
  const { readSettings } = await import("../settings/read.ts");
  const { told, unknownVariables } = await import("../settings/unknown.ts");
  const settings = readSettings(ports.env);
  for (const unknown of unknownVariables(ports.env)) {
    ports.log(unknown.meant === undefined ? "INFO" : "WARNING", event.settingUnknown, told(unknown), { ...unknown });
  }
  const run = await ports.run();
  return run(settings, worker);
}

async function listed(ports: MainPorts, table: (store: Store) => Promise<readonly string[]>): Promise<number> {
  const { readSettings } = await import("../settings/read.ts");
  // A list is asked for where the database is at hand, and perhaps nothing else of the worker's environment.
  const { database } = readSettings({ ...ports.env, AGENT_REQUIRES: undefined });
  if (database === undefined) {
    ports.err("agent-runtime: MONGODB_URI is not set, so there are no records to list\n");
    return exitCode.settings;
  }
  const store = await ports.open(database);
  try {
    for (const line of await table(store)) ports.out(`${line}\n`);
    return exitCode.ok;
  } finally {
    await store.close();
  }
}

function refuse({ findings }: FindingsError, ports: MainPorts): void {
  const what = `the environment is wrong: ${count(findings.length, "problem")}`;
  if (ports.watched) {
    ports.err(`agent-runtime: ${what}\n\n${describe(findings)}\n`);
    return;
  }
  ports.log("ERROR", event.settingsRefused, `${what}\n${describe(findings)}`, {
    problems: findings.map(({ path, problem, remedy }) => `${path} ${problem} ${remedy}`),
  });
}
