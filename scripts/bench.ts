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
 * Where there is a Pulumi CLI, `pulumi preview` of the same stacks takes its turn among them (bench-engine.ts).
 *
 * Every run is in fresh processes; runs are interleaved, medians shown.
 *
 * Memory is the peak of the sum of Pss over all processes of a run (Pss counts a page shared by two as half of one
 * each), sampled from /proc/PID/smaps_rollup every 25 ms in runs of their own, since sampling costs time. Linux only.
 *
 * `--check` ends with exit code 1 when a bar is missed: from 100 resources on, at most 1.3 times the bare SDK's time
 * and memory, and linear growth.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { launch } from "../preview/host/launcher.ts";
import { previewPrograms } from "../preview/program.ts";
import { readStack } from "../preview/stack/stack-files.ts";
import { bareMonitor } from "../test/support/bare-monitor.ts";
import { type Case, type Job, type Kind, mustDeclare, prepareCases } from "./bench-cases.ts";
import type { Engine } from "./bench-engine.ts";
import { type Command, median, peakOf, timed } from "./bench-measure.ts";
import { findPulumi } from "./pulumi-cli/find.ts";

/** The bars: anything more is for the person who made it slower to explain. */
const MOST_TIMES_BARE = 1.3;
const BAR_FROM_RESOURCES = 100;
/** The cost of one more resource, late against early; noise on two shared cores is about a tenth. */
const MOST_GROWTH = 1.3;

/** Resources, from which on `pulumi preview` takes a minute and says nothing new. */
const MOST_FOR_PULUMI = 2000;
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
  let engine: Engine | undefined;
  try {
    const sizes = values.sizes.split(",").map(Number);
    const subject = { projectDir: resolve(values.project), stack: values.stack };
    const cases = await prepareCases(workbench, subject, sizes);
    const rows: Row[] = [];
    const cli = findPulumi();
    if (cli.missing === undefined) {
      // Not above: the measured processes need none of it.
      const { startEngine } = await import("./bench-engine.ts");
      engine = await startEngine(workbench, cli);
    }
    console.log(HEADER);
    for (const each of cases) {
      const row = await measure(each, engine, Number(values.repeats));
      rows.push(row);
      console.log(format(row));
    }
    console.log(besidePulumi(rows, engine, cli.missing));
    const missed = judge(rows);
    console.log(missed.length === 0 ? "\nall bars held" : `\nbars missed:\n  ${missed.join("\n  ")}`);
    if (values.check && missed.length > 0) process.exitCode = 1;
  } finally {
    engine?.close();
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

/** Milliseconds of `pulumi preview`, as it is and where Node keeps compiled code. */
interface Pulumi {
  readonly stock: number;
  readonly cached: number;
}

interface Row extends Readonly<Record<Kind, Cost>> {
  readonly label: string;
  readonly resources: number;
  readonly pulumi: Pulumi | undefined;
}

async function measure({ label, resources, ...jobs }: Case, engine: Engine | undefined, repeats: number): Promise<Row> {
  const ours = [jobs.bare, jobs.light, jobs.preview].map((job) => [job.kind, [ourselves(job)]] as const);
  const beside = resources > MOST_FOR_PULUMI ? undefined : engine?.commands(jobs.preview);
  const all = [...ours, ...Object.entries(beside ?? {})];
  for (const [kind, commands] of all) if (kind !== "bare") await timed(commands); // fills the compile cache
  const times = await medians(all, repeats, timed);
  const peaks = await medians(ours, Math.ceil(repeats / 2), peakOf);
  const cost = (kind: Kind): Cost => ({ ms: times[kind] ?? Number.NaN, peakMiB: peaks[kind] ?? Number.NaN });
  const { stock, cached } = times;
  const pulumi = stock === undefined || cached === undefined ? undefined : { stock, cached };
  return { label, resources, preview: cost("preview"), bare: cost("bare"), light: cost("light"), pulumi };
}

const ourselves = ({ kind, projectDir, stacks }: Job): Command => ({
  file: process.execPath,
  args: [import.meta.filename, kind, projectDir, ...stacks],
});

/** The kinds take turns. */
async function medians(
  kinds: readonly (readonly [kind: string, commands: readonly Command[]])[],
  repeats: number,
  cost: (commands: readonly Command[]) => Promise<number>,
): Promise<Readonly<Record<string, number>>> {
  const costs = kinds.map(([kind, commands]) => ({ kind, commands, all: [] as number[] }));
  for (let i = 0; i < repeats; i += 1) for (const { commands, all } of costs) all.push(await cost(commands));
  return Object.fromEntries(costs.map(({ kind, all }) => [kind, median(all)]));
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

const HEADER = [
  "                           time, s                          memory, MiB              a resource",
  "               resources   preview    bare  times   light   preview  bare  times  light     ms",
].join("\n");

function format({ label, resources, preview, bare, light }: Row): string {
  return [
    label.padEnd(14),
    String(resources).padStart(10),
    seconds(preview.ms, 10),
    seconds(bare.ms, 8),
    (preview.ms / bare.ms).toFixed(2).padStart(7),
    seconds(light.ms, 8),
    preview.peakMiB.toFixed(0).padStart(10),
    bare.peakMiB.toFixed(0).padStart(6),
    (preview.peakMiB / bare.peakMiB).toFixed(2).padStart(7),
    light.peakMiB.toFixed(0).padStart(7),
    (preview.ms / resources).toFixed(2).padStart(7),
  ].join("");
}

/** The second table: the same previews, and the CLI's. */
function besidePulumi(rows: readonly Row[], engine: Engine | undefined, missing: string | undefined): string {
  if (engine === undefined) return `\nnot measured beside \`pulumi preview\`: ${missing}`;
  const lines = rows.flatMap(({ label, resources, preview: { ms }, pulumi }) => {
    if (pulumi === undefined) return [];
    const beside = [pulumi.stock, pulumi.cached].map((theirs) => [
      seconds(theirs, 10),
      (theirs / ms).toFixed(2).padStart(7),
    ]);
    return [[label.padEnd(14), String(resources).padStart(10), seconds(ms, 10), ...beside.flat()].join("")];
  });
  return [
    `\nbeside \`pulumi preview\` ${engine.version}, a command a stack; cached: with NODE_COMPILE_CACHE, as ours has it`,
    "                           time, s",
    "               resources   preview    pulumi  times    cached  times",
    ...lines,
  ].join("\n");
}

const seconds = (ms: number, width: number): string => (ms / 1000).toFixed(2).padStart(width);

await main();
