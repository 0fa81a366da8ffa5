/**
 * Pulumi.yaml and Pulumi.<stack>.yaml, read into the configuration that the engine would hand to the program.
 *
 * The rules are those of the Pulumi CLI (github.com/pulumi/pulumi, sdk/go/common/workspace/{project,config}.go and
 * sdk/go/common/resource/config/value.go, read November 2026): keys without a namespace belong to the project, defaults
 * of the project fill what the stack leaves out, scalars travel as text, everything else as JSON with sorted keys.
 */
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import { foreignCharacter, readAsTheCli } from "./cli-yaml.ts";
import {
  type ConfigValue,
  type FileProblem,
  isRecord,
  namespaced,
  StackFileError,
  toConfigValue,
} from "./config-values.ts";
import { applyProjectDefaults, type ProjectKey, readProjectKeys } from "./project-config.ts";
import { problemIn } from "./yaml-problems.ts";

export { StackFileError } from "./config-values.ts";

export interface ProjectFile {
  readonly name: string;
  /** The program, relative to the project; absent for the directory itself. */
  readonly main?: string;
  /** Whether the SDK is to load ts-node: `runtime.options.typescript`, true when left out, as in the CLI. */
  readonly typescript: boolean;
  readonly nodeArgs: readonly string[];
  /** Where the stacks' files are, relative to the project. */
  readonly stackConfigDir: string;
  readonly keys: readonly ProjectKey[];
}

export interface StackSettings {
  readonly project: ProjectFile;
  readonly stack: string;
  /** `namespace:key` to its text, as `PULUMI_CONFIG` carries it. */
  readonly config: Readonly<Record<string, string>>;
  /** The keys that hold, or contain, an encrypted value. */
  readonly secretKeys: readonly string[];
}

/**
 * Reads one stack's configuration.
 *
 * @param projectDir the directory of Pulumi.yaml
 * @throws StackFileError with every problem found, when a file is missing, is not YAML, or does not fit the project
 */
export async function readStack(projectDir: string, stack: string): Promise<StackSettings> {
  const project = await readProject(projectDir);
  const directory = join(projectDir, project.stackConfigDir);
  const file = `Pulumi.${stack}.yaml`;
  const text = await readText(join(directory, file));
  if (text === undefined) {
    const stacks = await listStacks(projectDir);
    throw new StackFileError([{ file, message: `there is no such stack. ${describeStacks(stacks)}` }]);
  }
  const given = parseStackConfig(text, file, project.name);
  const values = applyProjectDefaults(project.keys, given, file);
  const keys = [...values.keys()].sort();
  return {
    project,
    stack,
    config: Object.fromEntries(keys.map((key) => [key, values.get(key)?.text ?? ""])),
    secretKeys: keys.filter((key) => values.get(key)?.secret === true),
  };
}

/**
 * The names of the stacks that have a file, sorted.
 *
 * @throws StackFileError when Pulumi.yaml cannot be read
 */
export async function listStacks(projectDir: string): Promise<readonly string[]> {
  const { stackConfigDir } = await readProject(projectDir);
  const files = await readdir(join(projectDir, stackConfigDir)).catch(() => []);
  return files.flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []).sort();
}

/** @throws StackFileError when Pulumi.yaml is missing or cannot be used */
export async function readProject(projectDir: string): Promise<ProjectFile> {
  const file = "Pulumi.yaml";
  const text = await readText(join(projectDir, file));
  if (text === undefined) {
    throw new StackFileError([{ file, message: `there is none in ${projectDir}; a preview starts from a project.` }]);
  }
  return parseProject(text, file);
}

/** @throws StackFileError */
export function parseProject(text: string, file: string): ProjectFile {
  const root = parse(text, file) ?? {};
  if (!isRecord(root)) throw new StackFileError([{ file, message: "must be a mapping with name, runtime and config" }]);
  const runtime = isRecord(root.runtime) ? root.runtime : { name: root.runtime };
  const options = isRecord(runtime.options) ? runtime.options : {};
  const problems: FileProblem[] = [];
  if (typeof root.name !== "string" || root.name === "") problems.push({ file, message: "has no name" });
  if (runtime.name !== "nodejs") {
    problems.push({
      file,
      message: `runtime is ${JSON.stringify(runtime.name)}; only nodejs programs can be previewed`,
    });
  }
  if (problems.length > 0) throw new StackFileError(problems);
  const name = String(root.name);
  return {
    name,
    ...(typeof root.main === "string" && { main: root.main }),
    typescript: options.typescript !== false,
    nodeArgs: typeof options.nodeargs === "string" ? options.nodeargs.split(/\s+/).filter(Boolean) : [],
    stackConfigDir: typeof root.stackConfigDir === "string" ? root.stackConfigDir : ".",
    keys: readProjectKeys(root.config, name),
  };
}

/**
 * The `config` of a stack's file, by `namespace:key`.
 *
 * @throws StackFileError
 */
export function parseStackConfig(text: string, file: string, project: string): ReadonlyMap<string, ConfigValue> {
  const root = parse(text, file) ?? {};
  const config = isRecord(root) ? (root.config ?? {}) : root;
  if (!isRecord(config)) throw new StackFileError([{ file, message: "config must be a mapping of keys to values" }]);
  const values = new Map<string, ConfigValue>();
  for (const [key, value] of Object.entries(config)) {
    const full = namespaced(key, project);
    if (values.has(full)) {
      throw new StackFileError([{ file, message: `"${full}" is given twice, once without its namespace` }]);
    }
    values.set(full, toConfigValue(value));
  }
  return values;
}

/** @throws StackFileError with every place that is not YAML */
function parse(written: string, file: string): unknown {
  const text = written.replace(/^\uFEFF/, "");
  const foreign = foreignCharacter(text);
  if (foreign !== undefined) {
    const { line, code } = foreign;
    const message = `has the character U+${code.toUpperCase()}, which the CLI refuses or takes for the end of a line: leave it out, or write "\\u${code}" in double quotes`;
    throw new StackFileError([{ file, line, message }]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: "error", // its warnings go past us to the terminal, with the file's text
    merge: true, // `<<`, which YAML 1.2 dropped and the CLI reads
  });
  const problems = document.errors.map(({ code, pos }) => ({
    file,
    line: lines.linePos(pos[0]).line,
    message: problemIn(text, code, pos[0]),
  }));
  if (problems.length > 0) throw new StackFileError(problems);
  readAsTheCli(document);
  try {
    return document.toJS();
  } catch {
    // Found only when the values are put together. The parser's own words would show the name, which may be a secret
    // that somebody pasted without quotes.
    throw new StackFileError([
      {
        file,
        message:
          "is not valid YAML: a value that begins with * is an alias, and there is no such anchor, or it stands for too much. Put the value in quotes.",
      },
    ]);
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error)) throw error;
    if (error.code === "ENOENT") return undefined;
    throw new StackFileError([{ file: basename(path), message: `cannot be read (${error.code})` }]);
  }
}

function describeStacks(stacks: readonly string[]): string {
  return stacks.length === 0 ? "The project has no stack files." : `The stacks are: ${stacks.join(", ")}.`;
}
