/** Node's own URL takes the place of whatwg-url in the bundle: the driver must not see a difference. */
import { createRequire } from "node:module";
import { build } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { sameInNode } from "../../../scripts/build-runtime/bundle.ts";

interface ConnectionString {
  readonly hosts: readonly string[];
  readonly searchParams: URLSearchParams;
  readonly isSRV: boolean;
  toString(): string;
  redact(): ConnectionString;
}

type Made = new (uri: string) => ConnectionString;
const require = createRequire(import.meta.url);
const { ConnectionString: original } = require("mongodb-connection-string-url") as { ConnectionString: Made };
let bundled: Made;

beforeAll(async () => {
  const contents = 'module.exports = require("mongodb-connection-string-url");';
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    ...{ bundle: true, write: false, platform: "node", format: "cjs", alias: sameInNode, minify: true },
  });
  const code = outputFiles?.[0]?.text ?? "";
  // tr46 would be 200 KB of it.
  expect(code.length).toBeLessThan(20_000);
  const module = { exports: {} as { ConnectionString: Made } };
  new Function("module", "exports", "require", code)(module, module.exports, require);
  bundled = module.exports.ConnectionString;
});

/** All that the driver asks of a URI, or how it was refused. */
function seen(made: Made, uri: string): unknown {
  try {
    const string = new made(uri);
    const { protocol, username, password, pathname, search } = string as unknown as URL;
    const found = { protocol, username, password, pathname, search, hosts: string.hosts, srv: string.isSRV };
    const { searchParams } = string;
    const names = [...searchParams.keys()];
    const values = names.map((name) => [name, searchParams.get(name.toUpperCase()), searchParams.getAll(name)]);
    return {
      ...found,
      values,
      has: searchParams.has("RETRYWRITES"),
      text: string.toString(),
      redacted: String(string.redact()),
    };
  } catch (error) {
    return error instanceof Error ? error.name : error;
  }
}

const hosts = [
  "db",
  "db:27017",
  "a:1,b:2,c",
  "[::1]:27017",
  "127.0.0.1",
  "münchen.example",
  "xn--mnchen-3ya.example",
  "DB.Example.NET",
  "%2Ftmp%2Fmongodb-27017.sock",
  "a_b",
  "a..b",
  "",
  ":1",
  "a:b",
  "a b",
];
const users = [
  "",
  "u@",
  "u:p@",
  "u:p%40%2F%3A%25@",
  "u:ü€😀@",
  "u:p%zz@",
  "u:@",
  ":p@",
  "u:p|^`{}@",
  "u:p#@",
  "u:p'\"<>@",
  "u:p\\@",
];
const rests = [
  "",
  "/",
  "/clinic",
  "/clinic%20a",
  "/clínica",
  "?w=majority",
  "/?retryWrites=true&w=majority",
  "/clinic?RetryWrites=false&readPreferenceTags=dc:ny,rack:1&readPreferenceTags=",
  "/c?authMechanismProperties=A:b,C:d&appName=a+b%20c",
  "/c?x=ü&y=%zz&y",
  "/c?#f",
  "/a/b",
];

describe("the driver's connection string", () => {
  test.each(["mongodb://", "mongodb+srv://"])("is read by Node's URL as by whatwg-url: %s", (scheme) => {
    const all = hosts.flatMap((host) => users.flatMap((user) => rests.map((rest) => `${scheme}${user}${host}${rest}`)));
    const different = all.filter((uri) => JSON.stringify(seen(bundled, uri)) !== JSON.stringify(seen(original, uri)));
    expect(different.map((uri) => [uri, seen(original, uri), seen(bundled, uri)])).toEqual([]);
    expect(all.filter((uri) => typeof seen(original, uri) !== "string").length).toBeGreaterThan(500);
  });
});
