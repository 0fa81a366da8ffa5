/** The executable: `agent-runtime -- python worker_main.py`. Everything of this process that a command may use, and no decisions. */
import { event } from "../domain/contract.ts";
import { main } from "./commands/main.ts";
import { executable } from "./executable.ts";
import { jsonLog } from "./json-log.ts";
import { nodeClock } from "./node-clock.ts";
import { openStore, supervise } from "./parts.ts";

const out = (text: string) => void process.stdout.write(text);
const log = jsonLog(out, nodeClock);

/** EX_SOFTWARE: https://man.freebsd.org/cgi/man.cgi?sysexits (November 2026) */
const MISTAKE = 70;

// `agent-runtime campaigns | head`: the reader has seen enough.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

main(process.argv.slice(2), {
  env: process.env,
  clock: nodeClock,
  out,
  err: (text) => void process.stderr.write(text),
  log,
  watched: process.stderr.isTTY === true,
  executable: (command) => executable(command, process.env.PATH),
  open: openStore,
  run: supervise,
}).then(
  // Not exitCode: an attempt to connect that nobody waits for any more would keep the process.
  (code) => process.exit(code),
  (error: unknown) => {
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log("CRITICAL", event.runtimeExited, `a mistake in the runtime itself: ${told}`, { code: MISTAKE });
    process.exit(MISTAKE);
  },
);
