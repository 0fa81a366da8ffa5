/** The executable: `agent-runtime -- python worker_main.py`. Everything of this process that a command may use, and no decisions. */
import { writeFileSync } from "node:fs";
import { isatty } from "node:tty";
import { event } from "../domain/contract.ts";
import { main } from "./commands/main.ts";
import { executable } from "./executable.ts";
import { exitCode } from "./exit-codes.ts";
import { stackOf } from "./message.ts";
import { nodeClock } from "./node-clock.ts";
import { nodeProblem } from "./node-version.ts";
import { openStore, supervise } from "./parts.ts";
import { standardLog } from "./stdout.ts";
import { exits } from "./supervisor/exit.ts";

// Not process.stdout, which a worker has too: what Node makes of it would hold for the worker's writes as well.
const { log, flush } = standardLog(nodeClock);

const STDOUT = 1;
const STDERR = 2;

/** For people who asked for a list; `agent-runtime campaigns | head` has seen enough. */
function out(text: string): void {
  try {
    writeFileSync(STDOUT, text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
  }
}

// What nobody waits for may go wrong too. The worker is killed with the process: `process.exit` sees to it.
process.on("uncaughtException", failed);
process.on("unhandledRejection", failed);

const problem = nodeProblem(process.versions.node);
if (problem !== undefined) {
  log("ERROR", event.settingsRefused, `${problem}.`);
  exit(exitCode.settings);
}

main(process.argv.slice(2), {
  env: process.env,
  clock: nodeClock,
  out,
  err: (text) => writeFileSync(STDERR, text),
  log,
  watched: isatty(STDERR),
  executable: (command) => executable(command, process.env.PATH),
  open: openStore,
  run: () => supervise(log),
}).then(
  // Not exitCode: an attempt to connect that nobody waits for any more would keep the process.
  (code) => exit(code),
  failed,
);

function failed(error: unknown): never {
  const { severity, when, code } = exits.failed;
  log(severity, event.runtimeExited, `${when}: ${stackOf(error)}`, { reason: "failed", code });
  exit(exitCode.software);
}

function exit(code: number): never {
  flush();
  process.exit(code);
}
