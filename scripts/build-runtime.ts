/**
 * `npm run build`: the runtime as one file, with the licences of what is in it.
 *
 * usage: npm run build [-- --outdir DIRECTORY]
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { messageOf } from "../runtime/message.ts";
import { type Bundle, bundle } from "./build-runtime/bundle.ts";
import { commitOf } from "./build-runtime/commit.ts";
import { declarationsOf } from "./build-runtime/declarations.ts";
import { licencesOf } from "./build-runtime/licences.ts";

const root = resolve(import.meta.dirname, "..");

/** Ours: what every image grows by. The driver alone is 786 KiB. */
const MOST_BYTES = 950 * 1024;

const entries = [
  { entry: "runtime/cli.ts", name: "agent-runtime" },
  { entry: "runtime/library.ts", name: "agent-runtime-library" },
];

const outdir = resolve(asked());
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
const commit = commitOf(root);

// Declarations of modules that are gone would stay. Everything else is written anew; what is not ours is not touched.
rmSync(join(outdir, "types"), { recursive: true, force: true });
for (const { entry, name } of entries) {
  const built = await bundle(root, entry, { AGENT_RUNTIME_BUILD: JSON.stringify({ version, commit }) });
  write(`${name}.cjs`, built.code);
  write(`${name}.LICENSES.txt`, licencesOf(root, built.packages, built.legal));
  tell(name, built);
  if (built.code.length > MOST_BYTES) {
    console.error(
      `${name}.cjs is ${kibibytes(built.code.length)}, over the ${kibibytes(MOST_BYTES)} that an image may grow by.`,
    );
    process.exitCode = 1;
  }
}
for (const { entry, name } of entries.filter(({ name }) => name !== "agent-runtime")) {
  for (const [path, text] of declarationsOf(root, entry)) write(join("types", path), text);
  write(`${name}.d.cts`, `export * from "./types/${entry.replace(/\.ts$/, ".js")}";\n`);
}

function asked(): string {
  try {
    return parseArgs({ options: { outdir: { type: "string", default: join(root, "dist") } } }).values.outdir;
  } catch (error) {
    console.error(`${messageOf(error)}\n\nusage: npm run build [-- --outdir DIRECTORY]`);
    process.exit(2);
  }
}

function write(name: string, contents: string | Uint8Array): void {
  const file = join(outdir, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, contents);
}

function tell(name: string, { code, sha256, parts }: Bundle): void {
  const file = relative(process.cwd(), join(outdir, `${name}.cjs`));
  console.log(`${file}  ${kibibytes(code.length)}  sha256:${sha256}`);
  const own = [...parts].filter(([part]) => part.includes("/") && !part.startsWith("@"));
  const rows = [
    ...[...parts].filter(([part]) => !own.some(([other]) => other === part)),
    ["runtime and domain", own.reduce((total, [, bytes]) => total + bytes, 0)] as const,
  ].sort(([, a], [, b]) => b - a);
  for (const [part, bytes] of rows) console.log(`  ${kibibytes(bytes).padStart(10)}  ${part}`);
}

function kibibytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}
