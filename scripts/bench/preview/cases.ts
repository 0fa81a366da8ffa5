/** What the bench measures: the program with stacks of many sizes, and the bare program with recordings of the same. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { SECRET, SIGNATURE, UNKNOWN_ON_WIRE } from "../../../preview/engine/wire.ts";
import { type PreviewOutcome, previewPrograms } from "../../../preview/program.ts";
import { type DeclaredStack, isProperties, isSecret, isUnknown, type Value } from "../../../preview/resources.ts";
import { isRecord } from "../../../preview/stack/config-values.ts";
import { listStacks, readProject } from "../../../preview/stack/stack-files.ts";

const BARE_PROGRAM = resolve(import.meta.dirname, "../../../test/preview/fixtures/bare");

/** How the same resources are registered: see the head of bench/preview.ts. */
export type Kind = "preview" | "bare" | "light";

/** One process to measure: `node scripts/bench/preview/process.ts KIND DIR STACK…`. */
export interface Job {
  readonly kind: Kind;
  readonly projectDir: string;
  readonly stacks: readonly string[];
}

export interface Case extends Readonly<Record<Kind, Job>> {
  readonly label: string;
  readonly resources: number;
}

export interface Subject {
  readonly projectDir: string;
  readonly stack: string;
}

/** Writes the projects to run into a workbench, which the caller removes. */
export async function prepareCases(
  workbench: string,
  { projectDir, stack }: Subject,
  sizes: readonly number[],
): Promise<readonly Case[]> {
  const project = await readProject(projectDir);
  const ours = mkdtempSync(join(workbench, "program-"));
  writeProject(ours, join(projectDir, "Pulumi.yaml"), resolve(projectDir, project.main ?? "."));
  const bare = mkdtempSync(join(workbench, "bare-"));
  writeProject(bare, join(BARE_PROGRAM, "Pulumi.yaml"), join(BARE_PROGRAM, "index.ts"));

  const existing = await listStacks(projectDir);
  const textOf = (name: string): string => readFileSync(join(projectDir, `Pulumi.${name}.yaml`), "utf8");
  for (const name of existing) writeFileSync(join(ours, `Pulumi.${name}.yaml`), textOf(name));
  for (const size of sizes) {
    writeFileSync(join(ours, `Pulumi.workers-${size}.yaml`), withWorkers(textOf(stack), project.name, size));
  }

  const wanted: readonly (readonly [label: string, stacks: readonly string[]])[] = [
    ["one stack", [stack]],
    ...(existing.length > 1 ? [["all stacks", existing] as const] : []),
    ...sizes.map((size) => [`${size} workers`, [`workers-${size}`]] as const),
  ];
  const cases: Case[] = [];
  for (const [label, stacks] of wanted) {
    const outcomes = await previewPrograms(stacks.map((name) => ({ projectDir: ours, stack: name })));
    const declared = outcomes.map(mustDeclare);
    for (const each of declared) writeRecording(bare, each);
    cases.push({
      label,
      preview: { kind: "preview", projectDir: ours, stacks },
      bare: { kind: "bare", projectDir: bare, stacks },
      light: { kind: "light", projectDir: bare, stacks },
      resources: declared.reduce((sum, { resources }) => sum + resources.length, 0),
    });
  }
  return cases;
}

/** @throws with the program's own words when it cannot be previewed */
export function mustDeclare(outcome: PreviewOutcome): DeclaredStack {
  if (!outcome.ok) throw new Error(`there is nothing to measure:\n${outcome.messages.join("\n")}`);
  return outcome.declared;
}

/** The given Pulumi.yaml in another directory, with its program where it was. */
function writeProject(directory: string, from: string, program: string): void {
  const file: unknown = parse(readFileSync(from, "utf8"));
  if (!isRecord(file)) throw new Error(`${from} is not a mapping`);
  writeFileSync(join(directory, "Pulumi.yaml"), stringify({ ...file, main: relative(directory, program) }));
}

/** The stack's first worker under as many names; everything else stays. */
function withWorkers(template: string, project: string, count: number): string {
  const file: unknown = parse(template);
  const config = isRecord(file) ? file.config : undefined;
  const key = `${project}:workers`;
  const workers = isRecord(config) ? config[key] : undefined;
  const first = isRecord(workers) ? Object.values(workers)[0] : undefined;
  if (!isRecord(file) || !isRecord(config) || first === undefined) throw new Error(`the stack has no ${key} to copy`);
  const copies = Array.from({ length: count }, (_, i) => [`clinic-${String(i + 1).padStart(3, "0")}-worker`, first]);
  return stringify(
    { ...file, config: { ...config, [key]: Object.fromEntries(copies) } },
    { aliasDuplicateObjects: false, defaultStringType: "QUOTE_DOUBLE" },
  );
}

/** A stack of the bare program that registers what a preview has found. */
function writeRecording(directory: string, { stack, resources }: DeclaredStack): void {
  const made = resources.filter(({ parent }) => parent !== undefined);
  const places = new Map(made.map(({ urn }, place) => [urn, place]));
  const recorded = made.map(({ type, name, custom, parent, inputs }) => ({
    type,
    name,
    custom,
    parent: places.get(parent ?? "") ?? -1,
    inputs: onWire(inputs),
  }));
  const recording = join(directory, `${stack}.json`);
  writeFileSync(recording, JSON.stringify(recorded));
  writeFileSync(join(directory, `Pulumi.${stack}.yaml`), stringify({ config: { "bare:recording": recording } }));
}

/** The bare program has no Outputs: what is unknown or secret is given in the form that the SDK would give it. */
function onWire(value: Value): unknown {
  if (isUnknown(value)) return UNKNOWN_ON_WIRE;
  if (isSecret(value)) return { [SIGNATURE]: SECRET, value: value.known ? String(value) : UNKNOWN_ON_WIRE };
  if (Array.isArray(value)) return value.map(onWire);
  if (!isProperties(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, onWire(inner)]));
}
