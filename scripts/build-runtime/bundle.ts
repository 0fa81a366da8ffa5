/** One file of the runtime and everything that it imports, and what it is made of. */
import { createHash } from "node:crypto";
import { builtinModules } from "node:module";
import { build, type Metafile, type Plugin } from "esbuild";

/**
 * What MongoDB's driver asks for in a try, for features that the settings refuse (runtime/settings/database-uri.ts).
 * Some are here for other reasons: what is bundled must not depend on what else is installed.
 */
const absentPackages = [
  "@aws-sdk/credential-providers",
  "@mongodb-js/zstd",
  "gcp-metadata",
  "kerberos",
  "mongodb-client-encryption",
  "snappy",
  "socks",
];

/**
 * What Node has itself: the same standard's URL, instead of an implementation in JavaScript with a table of all the
 * world's characters. The driver reads host names before it asks for a URL (mongodb-connection-string-url 7).
 * test/runtime/bundle/url.test.ts has thousands of URIs that both read alike.
 */
export const sameInNode: Readonly<Record<string, string>> = { "whatwg-url": "node:url" };

export interface Bundle {
  readonly code: Uint8Array;
  readonly sha256: string;
  /** The comments of the sources that have to stay with them. */
  readonly legal: string;
  /** Bytes by package, and by file of our own. */
  readonly parts: ReadonlyMap<string, number>;
  /** Directories of the packages, from the repository. */
  readonly packages: readonly string[];
}

/**
 * @param entry from the repository's root
 * @param defined identifiers, and the JSON that takes their place
 * @param plugins none in what is shipped: for proofs, which have to see that a fault in a source is found
 * @throws where something is not in the bundle, or the bundler warns
 */
export async function bundle(
  root: string,
  entry: string,
  defined: Readonly<Record<string, string>>,
  plugins: readonly Plugin[] = [],
): Promise<Bundle> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: "out.cjs",
    write: false,
    bundle: true,
    minify: true,
    platform: "node",
    // ES modules cannot require what the driver requires: `Dynamic require of "timers/promises" is not supported`.
    format: "cjs",
    target: "node22",
    charset: "utf8",
    legalComments: "external",
    external: absentPackages,
    alias: sameInNode,
    define: defined,
    plugins: [...plugins],
    metafile: true,
    logLevel: "silent",
  });
  if (result.warnings.length > 0) throw new Error(result.warnings.map(({ text }) => text).join("\n"));
  const [code, legal] = ["out.cjs", "out.cjs.LEGAL.txt"].map((name) =>
    result.outputFiles.find(({ path }) => path.endsWith(name)),
  );
  if (code === undefined) throw new Error(`${entry}: nothing was written`);
  refuseAbsent(result.metafile);
  return {
    code: code.contents,
    sha256: createHash("sha256").update(code.contents).digest("hex"),
    legal: legal?.text ?? "",
    parts: partsOf(result.metafile),
    packages: [
      ...new Set(Object.keys(result.metafile.inputs).flatMap((path) => packageOf(path)?.directory ?? [])),
    ].sort(),
  };
}

/** Nothing may be missing in the image that was there when it was built. */
function refuseAbsent({ outputs }: Metafile): void {
  const imported = Object.values(outputs).flatMap(({ imports }) => imports.filter(({ external }) => external));
  const present = [...builtinModules, ...absentPackages];
  const absent = imported.map(({ path }) => path).filter((path) => !present.includes(path.replace(/^node:/, "")));
  if (absent.length > 0) throw new Error(`not in the bundle: ${[...new Set(absent)].join(", ")}`);
}

function partsOf({ outputs }: Metafile): ReadonlyMap<string, number> {
  const parts = new Map<string, number>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const part = packageOf(path)?.name ?? path;
      parts.set(part, (parts.get(part) ?? 0) + bytesInOutput);
    }
  }
  return new Map([...parts].sort(([, a], [, b]) => b - a));
}

function packageOf(path: string): { readonly name: string; readonly directory: string } | undefined {
  const [directory, name] = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
  return directory === undefined || name === undefined ? undefined : { directory, name };
}
