/** `npm run bench`: what previews and the runtime cost, beside what they must not be much slower than. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { messageOf } from "../runtime/message.ts";

const usage = `usage: npm run bench [-- preview | runtime] [OPTIONS]

  preview   previews, beside the bare SDK registering the very same resources
  runtime   the runtime: on a real mongod beside the raw driver, and as real processes
            without either word: both, one after the other

  --check                 exit code 1 when a bar was missed, or could not be measured

of previews:
  --repeats 3             runs of each kind
  --sizes 10,30,100,300   numbers of workers
  --project DIR, --stack NAME

of the runtime:
  --only cycles,sweep     some of: cycles, beats, sweep, takeover, exit, start, idle
  --markdown              the table as Markdown
  --tiny                  tiny sizes, in seconds: shows that the bench runs, and judges nothing`;

const options = {
  help: { type: "boolean", default: false },
  check: { type: "boolean", default: false },
  repeats: { type: "string", default: "3" },
  sizes: { type: "string", default: "10,30,100,300" },
  project: { type: "string", default: resolve(import.meta.dirname, "..") },
  stack: { type: "string", default: "prod" },
  only: { type: "string" },
  markdown: { type: "boolean", default: false },
  tiny: { type: "boolean", default: false },
} as const;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const [subject, ...more] = positionals;
  if (more.length > 0 || (subject !== undefined && subject !== "preview" && subject !== "runtime")) {
    throw new Error(`"${positionals.join(" ")}" is nothing to measure.`);
  }
  const held: boolean[] = [];
  if (subject !== "runtime") {
    const { benchPreviews } = await import("./bench/preview.ts");
    const sizes = values.sizes.split(",").map(Number);
    held.push(await benchPreviews({ ...values, sizes, repeats: Number(values.repeats) }));
  }
  if (subject !== "preview") {
    const { benchRuntime } = await import("./bench/runtime.ts");
    held.push(await benchRuntime({ ...values, only: values.only?.split(",") }));
  }
  return values.check && held.includes(false) ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  // A wrong command line, or nothing to measure on; anything else has a stack that somebody needs.
  const wrongUsage = (error as { code?: unknown }).code?.toString().startsWith("ERR_PARSE_ARGS") === true;
  if (!wrongUsage && !(error instanceof Error && error.message.endsWith("to measure."))) throw error;
  console.error(`${messageOf(error)}\n\n${usage}`);
  process.exitCode = 2;
}
