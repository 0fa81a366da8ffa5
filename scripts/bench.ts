/**
 * `npm run bench`: what a preview costs, beside the bare SDK registering the very same resources in the same run.
 *
 *   node scripts/bench.ts [--repeats 3] [--sizes 10,30,100,300] [--project DIR] [--stack NAME] [--check]
 *
 * The same program runs with a stack file of N workers: copies of the first worker of the given stack, under N names.
 * Its resources are recorded once, and three kinds of run register them:
 *
 * - `preview`: the program itself, previewed;
 * - `bare`: a program that does nothing else, with the SDK as the Pulumi CLI starts it, to a monitor that only
 *   acknowledges. The bars are held against this one;
 * - `light`: the same as `bare`, by the same launcher, but with `preview/host/lighten.cjs` as a preview has it. What a
 *   preview takes beyond this is the work of the program and of our monitor.
 *
 * Every run is in fresh processes; runs are interleaved, medians shown.
 *
 * Memory is the peak of the sum of Pss over all processes of a run (Pss counts a page shared by two as half of one
 * each), sampled from /proc/PID/smaps_rollup every 25 ms in runs of their own, since sampling costs time. Linux only.
 *
 * `--check` ends with exit code 1 when a bar is missed: from 100 resources on, at most 1.3 times the bare SDK's time
 * and memory, and linear growth.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { launch } from "../preview/host/launcher.ts";
import { previewPrograms } from "../preview/program.ts";
import { readStack } from "../preview/stack/stack-files.ts";
import { bareMonitor } from "../test/support/bare-monitor.ts";
import { type Case, type Job, type Kind, mustDeclare, prepareCases } from "./bench-cases.ts";

/** The bars: anything more is for the person who made it slower to explain. */
const MOST_TIMES_BARE = 1.3;
const BAR_FROM_RESOURCES = 100;
/** The cost of one more resource, late against early; noise on two shared cores is about a tenth. */
const MOST_GROWTH = 1.3;

const SAMPLE_EVERY_MS = 25;
const REPOSITORY = resolve(import.meta.dirname, "..");

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      repeats: { type: "string", default: "3" },
      sizes: { type: "string", default: "10,30,100,300" },
      project: { type: "string", default: REPOSITORY },
      stack: { type: "string", default: "prod" },
      check: { type: "boolean", default: false },
    },
  });
  const [kind, projectDir, ...stacks] = positionals;
  if (kind === "preview" || kind === "bare" || kind === "light")
    return await runOne({ kind, projectDir: projectDir ?? "", stacks });

  const workbench = mkdtempSync(join(tmpdir(), "agent-worker-bench-"));
  try {
    const sizes = values.sizes.split(",").map(Number);
    const subject = { projectDir: resolve(values.project), stack: values.stack };
    const cases = await prepareCases(workbench, subject, sizes);
    const rows: Row[] = [];
    console.log(HEADER);
    for (const each of cases) {
      const row = await measure(each, Number(values.repeats));
      rows.push(row);
      console.log(format(row));
    }
    const missed = judge(rows);
    console.log(missed.length === 0 ? "\nall bars held" : `\nbars missed:\n  ${missed.join("\n  ")}`);
    if (values.check && missed.length > 0) process.exitCode = 1;
  } finally {
    rmSync(workbench, { recursive: true, force: true });
  }
}

/** Inside the measured process. */
async function runOne({ kind, projectDir, stacks }: Job): Promise<void> {
  if (kind === "preview") {
    (await previewPrograms(stacks.map((stack) => ({ projectDir, stack })))).forEach(mustDeclare);
    return;
  }
  const endings = await Promise.all(
    stacks.map(async (stack) => {
      const settings = await readStack(projectDir, stack);
      const never = new Promise<number>(() => {});
      const { services } = bareMonitor();
      return await launch({
        projectDir,
        settings,
        services,
        timeoutMs: 600_000,
        endEarly: never,
        stock: kind === "bare",
      });
    }),
  );
  const failed = endings.find(({ ending }) => ending.how !== "exited" || ending.code !== 0);
  if (failed !== undefined) throw new Error(`the bare program failed: ${JSON.stringify(failed)}`);
}

interface Cost {
  readonly ms: number;
  readonly peakMiB: number;
}

interface Row {
  readonly label: string;
  readonly resources: number;
  readonly preview: Cost;
  readonly bare: Cost;
  readonly light: Cost;
}

async function measure({ label, resources, ...jobs }: Case, repeats: number): Promise<Row> {
  const times: Record<Kind, number[]> = { preview: [], bare: [], light: [] };
  const peaks: Record<Kind, number[]> = { preview: [], bare: [], light: [] };
  const order = [jobs.bare, jobs.light, jobs.preview];
  for (const job of [jobs.light, jobs.preview]) await timed(job); // fills the compile cache
  for (let i = 0; i < repeats; i += 1) for (const job of order) times[job.kind].push(await timed(job));
  for (let i = 0; i < Math.ceil(repeats / 2); i += 1) for (const job of order) peaks[job.kind].push(await peakOf(job));
  const cost = (kind: Kind): Cost => ({ ms: median(times[kind]), peakMiB: median(peaks[kind]) });
  return { label, resources, preview: cost("preview"), bare: cost("bare"), light: cost("light") };
}

/** Milliseconds from spawn to exit. */
async function timed(job: Job): Promise<number> {
  const before = performance.now();
  await start(job).done;
  return performance.now() - before;
}

/** MiB of Pss at the worst moment, over the process and all its descendants. */
async function peakOf(job: Job): Promise<number> {
  const { pid, done } = start(job);
  let over = false;
  const ended = done.finally(() => {
    over = true;
  });
  let peak = 0;
  while (!over) {
    peak = Math.max(
      peak,
      processTree(pid).reduce((sum, each) => sum + pss(each), 0),
    );
    await sleep(SAMPLE_EVERY_MS);
  }
  await ended;
  return peak / 1024;
}

function start({ kind, projectDir, stacks }: Job): { readonly pid: number; readonly done: Promise<void> } {
  const child = spawn(process.execPath, [import.meta.filename, kind, projectDir, ...stacks], { stdio: "inherit" });
  const done = new Promise<void>((resolved, rejected) => {
    child.once("error", rejected);
    child.once("exit", (code) => (code === 0 ? resolved() : rejected(new Error(`${kind} ended with ${code}`))));
  });
  return { pid: child.pid ?? 0, done };
}

function processTree(root: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const name of existsSync("/proc") ? readdirSync("/proc") : []) {
    if (!/^\d+$/.test(name)) continue;
    const parent = /^PPid:\s+(\d+)/m.exec(readProc(name, "status"))?.[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const tree = [root];
  for (const member of tree) for (const [pid, parent] of parents) if (parent === member) tree.push(pid);
  return tree;
}

/** KiB. */
const pss = (pid: number): number => Number(/^Pss:\s+(\d+)/m.exec(readProc(String(pid), "smaps_rollup"))?.[1] ?? 0);

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return ""; // gone in the meantime
  }
}

function judge(rows: readonly Row[]): readonly string[] {
  const missed: string[] = [];
  for (const { label, resources, preview, bare } of rows) {
    if (resources < BAR_FROM_RESOURCES) continue;
    const time = preview.ms / bare.ms;
    const memory = preview.peakMiB / bare.peakMiB;
    if (time > MOST_TIMES_BARE)
      missed.push(`${label}: ${time.toFixed(2)} times the bare SDK's time (at most ${MOST_TIMES_BARE})`);
    if (memory > MOST_TIMES_BARE) {
      missed.push(`${label}: ${memory.toFixed(2)} times the bare SDK's memory (at most ${MOST_TIMES_BARE})`);
    }
  }
  const sizes = rows.filter(({ label }) => label.endsWith("workers"));
  const [early, middle, late] = sizes.length < 3 ? [] : [sizes[0], sizes.at(-2), sizes.at(-1)];
  if (early !== undefined && middle !== undefined && late !== undefined) {
    const growth = perResource(middle, late) / perResource(early, middle);
    const text = `one more resource costs ${growth.toFixed(2)} times as much beyond ${middle.label} as below`;
    console.log(`\n${text}`);
    if (growth > MOST_GROWTH) missed.push(`${text} (at most ${MOST_GROWTH})`);
  }
  return missed;
}

const perResource = (from: Row, to: Row): number => (to.preview.ms - from.preview.ms) / (to.resources - from.resources);

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const HEADER = [
  "                           time, s                          memory, MiB              a resource",
  "               resources   preview    bare  times   light   preview  bare  times  light     ms",
].join("\n");

function format({ label, resources, preview, bare, light }: Row): string {
  return [
    label.padEnd(14),
    String(resources).padStart(10),
    (preview.ms / 1000).toFixed(2).padStart(10),
    (bare.ms / 1000).toFixed(2).padStart(8),
    (preview.ms / bare.ms).toFixed(2).padStart(7),
    (light.ms / 1000).toFixed(2).padStart(8),
    preview.peakMiB.toFixed(0).padStart(10),
    bare.peakMiB.toFixed(0).padStart(6),
    (preview.peakMiB / bare.peakMiB).toFixed(2).padStart(7),
    light.peakMiB.toFixed(0).padStart(7),
    (preview.ms / resources).toFixed(2).padStart(7),
  ].join("");
}

await main();
