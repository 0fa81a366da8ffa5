/** The runtime as a program of its own, without a database: `program.ts SETTINGS COMMAND...`, SETTINGS as JSON over the plain ones. */
import { nodeClock } from "../../../runtime/node-clock.ts";
import { run } from "../../../runtime/run.ts";
import { standardLog } from "../../../runtime/stdout.ts";
import { systemParts } from "../../../runtime/system.ts";
import { plain } from "./stand-ins.ts";

const [settings = "{}", ...command] = process.argv.slice(2);
const { log, flush } = standardLog(nodeClock);
const closed = async () => {};
const code = await run({ ...plain, ...JSON.parse(settings) }, command, {
  ...systemParts(log),
  environment: process.env,
  openLeases: () => {
    throw new Error("there is no database here");
  },
  // Of this run alone, as a real one is: by it the processes of its worker are known.
  openSocket: async () => ({ path: `/nowhere/${process.pid}/worker.sock`, close: closed }),
  openHealthPort: async () => ({ close: closed }),
});
flush();
process.exit(code);
