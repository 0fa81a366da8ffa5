/**
 * `npm run demo`: a container is killed in the middle of a call, and one sees what becomes of its campaign.
 *
 * Exit codes: 0 it went as promised, 1 it did not or was interrupted, 2 wrong usage.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Paper } from "../preview/report/layout.ts";
import { messageOf } from "../runtime/message.ts";
import { builtRuntime } from "./demo/bundle.ts";
import { memoryStage } from "./demo/memory-stage.ts";
import { prologue, summary } from "./demo/picture.ts";
import { realStage } from "./demo/real-stage.ts";
import { screen } from "./demo/screen.ts";
import type { Stage } from "./demo/stage.ts";
import { Story, StoryError } from "./demo/story.ts";
import { verdict } from "./demo/verdict.ts";
import { findMongod } from "./mongod/find.ts";

const usage = `usage: npm run -s demo [-- --memory]

Two containers call patients. One is killed in the middle of a call; the other one takes its campaign over, finds out
whether that call was made, and goes on: about 70 seconds. At the end all calls are counted.

  --memory   with a database in memory, also where there is a mongod (npm run mongod gets one)
  --help     this page

Needs no network and no cloud account, touches nothing but temporary files, and leaves nothing, also after Ctrl-C.
Exit code: 0 it went as promised; 1 it did not, or was interrupted; 2 wrong usage.
Colours and a picture that moves only on a terminal; NO_COLOR turns the colours off.`;

async function main(memory: boolean): Promise<number> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());
  const directory = mkdtempSync(join(tmpdir(), "agent-worker-demo-"));
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  const effects = join(directory, "calls.jsonl");
  let stage: Stage | undefined;
  try {
    stage = await staged(memory, effects).catch((error: unknown) => {
      throw new StoryError(messageOf(error));
    });
    for (const line of prologue) console.log(line);
    console.log();
    const told = await new Story(stage, screen(process.stdout, paper(), stage.told), effects, stop.signal).play();
    const checks = verdict(told);
    console.log(`\n${summary(checks, paper()).join("\n")}`);
    return checks.every(({ passed }) => passed) ? 0 : 1;
  } catch (error) {
    if (stop.signal.aborted) console.error("\ninterrupted; everything that was started is ended");
    else if (error instanceof StoryError) console.error(`\nthe story broke off: ${error.message}`);
    else throw error;
    return 1;
  } finally {
    await stage?.close();
  }
}

async function staged(memory: boolean, effects: string): Promise<Stage> {
  if (memory) return memoryStage("as asked", effects);
  if (process.platform === "win32") return memoryStage("a mongod is started by a POSIX shell", effects);
  const mongod = findMongod();
  if (mongod.missing !== undefined) return memoryStage(mongod.missing, effects);
  return realStage(mongod, builtRuntime(console.error), effects);
}

function paper(): Paper {
  return {
    width: Math.max(60, process.stdout.columns ?? 100),
    colour: process.stdout.isTTY === true && !process.env.NO_COLOR,
  };
}

function asked(): { readonly memory: boolean; readonly help: boolean } | string {
  try {
    return parseArgs({
      options: { memory: { type: "boolean", default: false }, help: { type: "boolean", default: false } },
    }).values;
  } catch (error) {
    return messageOf(error);
  }
}

const request = asked();
if (typeof request === "string") {
  console.error(`${request}\n\n${usage}`);
  process.exitCode = 2;
} else if (request.help) console.log(usage);
// Not exitCode: what was killed in memory has left timers.
else process.exit(await main(request.memory));
