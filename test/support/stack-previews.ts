/** What whole stacks declare: the real program, through the preview's own monitor. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { type PreviewOutcome, previewPrograms } from "../../preview/program.ts";
import type { DeclaredResource, DeclaredStack } from "../../preview/resources.ts";

export const repository = resolve(import.meta.dirname, "../..");

/** Stacks with a file, in a directory of Pulumi.yaml. @throws with the program's own words when one cannot be deployed */
export async function stacksOf(projectDir: string, stacks: readonly string[]): Promise<readonly DeclaredStack[]> {
  return (await previewPrograms(stacks.map((stack) => ({ projectDir, stack })))).map(declared);
}

/** Stacks by name, from their configuration: `{ dental: { "agent-worker:environment": "prod" } }`. */
export async function outcomesOf<Name extends string>(
  configurations: Readonly<Record<Name, Readonly<Record<string, unknown>>>>,
  program = "index.ts",
): Promise<Readonly<Record<Name, PreviewOutcome>>> {
  const projectDir = await mkdtemp(join(tmpdir(), "stacks-"));
  try {
    const names = Object.keys(configurations) as Name[];
    const main = relative(projectDir, resolve(repository, program));
    const project = { name: "agent-worker", main, runtime: { name: "nodejs", options: { typescript: false } } };
    // JSON is YAML.
    await writeFile(join(projectDir, "Pulumi.yaml"), JSON.stringify(project));
    for (const name of names) {
      await writeFile(join(projectDir, `Pulumi.${name}.yaml`), JSON.stringify({ config: configurations[name] }));
    }
    const outcomes = await previewPrograms(names.map((stack) => ({ projectDir, stack })));
    return Object.fromEntries(names.map((name, index) => [name, outcomes[index]])) as Record<Name, PreviewOutcome>;
  } finally {
    await rm(projectDir, { recursive: true });
  }
}

export function declared(outcome: PreviewOutcome | undefined): DeclaredStack {
  if (outcome?.ok !== true) throw new Error(outcome?.messages.join("\n"));
  return outcome.declared;
}

/** Resources of providers, by the last part of their type. */
export function ofType({ resources }: DeclaredStack, type: string): readonly DeclaredResource[] {
  return resources.filter((resource) => resource.custom && resource.type.endsWith(`:${type}`));
}

/** The one resource of a provider with some type and name. */
export function named(stack: DeclaredStack, type: string, name: string): DeclaredResource {
  const found = ofType(stack, type).filter((resource) => resource.name === name);
  const [first] = found;
  if (first === undefined || found.length > 1) {
    const there = ofType(stack, type).map((resource) => resource.name);
    throw new Error(`${found.length} resources are ${type} ${name}; there are: ${there.join(", ")}`);
  }
  return first;
}

/** URNs without what belongs to the stack itself. */
export function urnsOf({ resources }: DeclaredStack): readonly string[] {
  return resources.map(({ urn }) => urn.split("::").slice(2).join("::")).filter((urn) => !urn.startsWith("pulumi:"));
}
