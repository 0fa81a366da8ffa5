/** The executable: `agent-runtime -- python worker_main.py`. Everything of this process that a command may use, and no decisions. */
import { event } from "../domain/contract.ts";
import { exitCode } from "./commands/exit-codes.ts";
import { main } from "./commands/main.ts";
import { executable } from "./executable.ts";
import { jsonLog } from "./json-log.ts";
import { nodeClock } from "./node-clock.ts";
import { openStore, supervisor } from "./parts.ts";
import { standardOutput } from "./stdout.ts";

const output = standardOutput();
const out = (text: string) => output.write(text);
const log = jsonLog(out, nodeClock);

/** Not exitCode: an attempt to connect that nobody waits for any more would keep the process. */
function exit(code: number): never {
  output.flush();
  process.exit(code);
}

main(process.argv.slice(2), {
  env: process.env,
  clock: nodeClock,
  out,
  err: (text) => void process.stderr.write(text),
  log,
  watched: process.stderr.isTTY === true,
  executable: (command) => executable(command, process.env.PATH),
  open: openStore,
  run: () => supervisor(process.env, log),
}).then(exit, (error: unknown) => {
  const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log("CRITICAL", event.runtimeExited, `a mistake in the runtime itself: ${told}`, { code: exitCode.software });
  exit(exitCode.software);
});
