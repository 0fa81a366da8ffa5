/**
 * `npm run bench -- preview`: what a preview costs, beside the bare SDK registering the very same resources in the same
 * run.
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
 * Where there is a Pulumi CLI, `pulumi preview` of the same stacks takes its turn among them (preview/engine.ts).
 *
 * Every run is in fresh processes; runs are interleaved, medians shown.
 *
 * Memory is the peak of the sum of Pss over all processes of a run (Pss counts a page shared by two as half of one
 * each), sampled from /proc/PID/smaps_rollup every 25 ms in runs of their own, since sampling costs time. Linux only.
 *
 * The bars: from 100 resources on, at most 1.3 times the bare SDK's time and memory, and linear growth.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { findPulumi } from "../pulumi-cli/find.ts";
import { type Case, type Job, type Kind, prepareCases } from "./preview/cases.ts";
import { type Engine, startEngine } from "./preview/engine.ts";
import { type Command, peakOf, timed } from "./preview/measure.ts";
import { median } from "./statistics.ts";

/** The bars: anything more is for the person who made it slower to explain. */
const MOST_TIMES_BARE = 1.3;
const BAR_FROM_RESOURCES = 100;
/** The cost of one more resource, late against early; noise on two shared cores is about a tenth. */
const MOST_GROWTH = 1.3;

/** Resources, from which on `pulumi preview` takes a minute and says nothing new. */
const MOST_FOR_PULUMI = 2000;
const measuredProcess = join(import.meta.dirname, "preview/process.ts");

export interface PreviewOptions {
  readonly repeats: number;
  /** Numbers of workers. */
  readonly sizes: readonly number[];
  readonly project: string;
  readonly stack: string;
}

/** @returns whether all bars were held */
export async function benchPreviews({ repeats, sizes, project, stack }: PreviewOptions): Promise<boolean> {
  const workbench = mkdtempSync(join(tmpdir(), "agent-worker-bench-"));
  let engine: Engine | undefined;
  try {
    const cases = await prepareCases(workbench, { projectDir: resolve(project), stack }, sizes);
    const rows: Row[] = [];
    const cli = findPulumi();
    if (cli.missing === undefined) {
      engine = await startEngine(workbench, cli);
    }
    console.log(HEADER);
    for (const each of cases) {
      const row = await measure(each, engine, repeats);
      rows.push(row);
      console.log(format(row));
    }
    console.log(besidePulumi(rows, engine, cli.missing));
    const missed = judge(rows);
    console.log(missed.length === 0 ? "\nall bars held" : `\nbars missed:\n  ${missed.join("\n  ")}`);
    return missed.length === 0;
  } finally {
    engine?.close();
    rmSync(workbench, { recursive: true, force: true });
  }
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
  args: [measuredProcess, kind, projectDir, ...stacks],
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
