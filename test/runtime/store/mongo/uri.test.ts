import { expect, test } from "vitest";
import { FindingsError } from "../../../../domain/findings.ts";
import { databaseProblems } from "../../../../runtime/store/mongo/uri.ts";
import { openMongo } from "../../../../runtime/store/mongo.ts";
import { defaultNames } from "../../../../runtime/store/names.ts";

const problems = (uri: string, database?: string) => databaseProblems({ uri, database });
const paths = (uri: string, database?: string) => problems(uri, database).map(({ path }) => path);

test.for([
  "mongodb+srv://user:p%40ss@cluster0.example.net/clinic?retryWrites=true&w=majority&appName=Cluster0",
  "mongodb://localhost:27017/clinic",
  "mongodb://user:pass@a:1,b:2,[::1]:3/clinic?replicaSet=rs0&compressors=zlib,none",
  "mongodb://%2Ftmp%2Fmongodb-27017.sock/clinic",
  "mongodb+srv://host/clinic?authMechanism=MONGODB-OIDC&authMechanismProperties=ENVIRONMENT:gcp,TOKEN_RESOURCE:x",
])("%s is fine", (uri) => {
  expect(problems(uri)).toEqual([]);
});

test.for([
  "",
  "localhost/clinic",
  "https://user:hunter2@host/clinic",
  "mongodb://user:hun/ter2@host/clinic",
  "mongodb://user:hunter2@host@host/clinic",
  "mongodb://user:hun?ter2@host/clinic",
  "mongodb://",
])("%j is no address, and its value is not shown", (uri) => {
  const [problem, ...others] = problems(uri);
  expect([problem?.path, others]).toEqual(["MONGODB_URI", []]);
  expect(JSON.stringify(problem)).not.toMatch(/hunter2|hun|localhost|@host@/);
});

test("campaigns do not land in a database called test because nobody named one", () => {
  for (const uri of ["mongodb://host", "mongodb://host/", "mongodb://host/?w=1", "mongodb://host?w=1"]) {
    expect(paths(uri)).toEqual(["MONGODB_URI"]);
    expect(paths(uri, "clinic")).toEqual([]);
  }
});

test("what the one file does not hold is told before a connection fails over it, all at once", () => {
  const options = "Compressors=snappy,zlib,zstd&AUTHMECHANISM=GSSAPI&proxyHost=proxy";
  expect(problems(`mongodb://user:hunter2@host/clinic?${options}`).map(({ problem }) => problem)).toEqual([
    "compressors=snappy needs the package snappy, which is not in the runtime.",
    "compressors=zstd needs the package @mongodb-js/zstd, which is not in the runtime.",
    "authMechanism=GSSAPI needs the package kerberos, which is not in the runtime.",
    "proxyhost needs the package socks, which is not in the runtime.",
  ]);
  expect(paths("mongodb://host/clinic?authMechanism=MONGODB-AWS")).toEqual(["MONGODB_URI?authMechanism"]);
});

test("a store that cannot work is not opened", () => {
  const open = () => openMongo({ uri: "mongodb://host/?compressors=zstd", database: undefined, names: defaultNames });
  expect(open).toThrow(FindingsError);
  expect(open).toThrow(/names no database[\s\S]*zstd/);
});
