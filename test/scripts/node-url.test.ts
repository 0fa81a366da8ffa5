import { createRequire } from "node:module";
import { dirname } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { sameInNode } from "../../scripts/build-runtime/bundle.ts";

interface Read {
  readonly href: string;
  readonly hosts: readonly string[];
  readonly username: string;
  readonly password: string;
  readonly pathname: string;
  readonly searchParams: URLSearchParams;
}

type ConnectionString = new (uri: string) => Read;

const name = "mongodb-connection-string-url";
const require = createRequire(import.meta.url);

/** The package as it is bundled: with Node's own URL. */
async function bundled(): Promise<ConnectionString> {
  const driver = dirname(require.resolve("mongodb"));
  const { outputFiles } = await build({
    stdin: { contents: `module.exports = require("${name}")`, resolveDir: driver },
    bundle: true,
    platform: "node",
    format: "cjs",
    alias: sameInNode,
    write: false,
  });
  const code = outputFiles[0]?.text ?? "";
  expect(code).not.toContain("tr46");
  const module = { exports: {} as { ConnectionString: ConnectionString } };
  new Function("module", "exports", "require", code)(module, module.exports, require);
  return module.exports.ConnectionString;
}

function read(Read: ConnectionString, uri: string) {
  try {
    const { href, hosts, username, password, pathname, searchParams } = new Read(uri);
    return { href, hosts, username, password, pathname, options: [...searchParams] };
  } catch (error) {
    return { refused: (error as Error).name };
  }
}

test.each([
  "mongodb://localhost",
  "mongodb://a.example:27017,b.example:27018,[::1]:27019/clinic?replicaSet=rs0&readPreference=primary",
  "mongodb+srv://user:p%40ss%2Fw%3Ard%25@cluster.example/clinic?retryWrites=false&w=majority",
  "mongodb+srv://büro.example/clinic",
  "mongodb://xn--bro-hoa.example/clinic",
  "mongodb://%2Ftmp%2Fmongodb-27017.sock/clinic",
  "mongodb://user@host/?appName=Z%C3%BCrich%20eins&readPreferenceTags=dc:ny,rack:1&readPreferenceTags=",
  "mongodb://us%C3%A9r:%F0%9F%94%91@host/d%20b",
  "mongodb://user:pass@word@host/db",
  "mongodb://a b/db",
  "mongodb://",
  "mongodb+srv://a.example,b.example/",
  "postgres://host/db",
])("a database's address is read alike by the bundle and by the driver alone: %s", async (uri) => {
  const { ConnectionString: alone } = require(require.resolve(name, { paths: [require.resolve("mongodb")] })) as {
    ConnectionString: ConnectionString;
  };
  expect(read(await bundled(), uri)).toEqual(read(alone, uri));
});
