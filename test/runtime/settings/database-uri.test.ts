import { MongoClient } from "mongodb";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { databaseUri } from "../../../runtime/settings/database-uri.ts";
import { uriOptions } from "../../../runtime/settings/uri-options.ts";

const reading = (text: string) => databaseUri.read(text);
const problems = (text: string) => {
  const read = reading(text);
  return "wrong" in read ? read.wrong.map(({ problem }) => problem) : [];
};

describe("a URI that a driver can use", () => {
  test.each<[string, string | undefined]>([
    ["mongodb://localhost", undefined],
    ["mongodb://localhost:27017/clinic", "clinic"],
    ["mongodb://a:1,b:2,c:3/clinic?replicaSet=rs0", "clinic"],
    ["mongodb://[::1]:27017/clinic", "clinic"],
    ["mongodb+srv://user:p%40ss%2F@cluster0.example.net/?retryWrites=true&w=majority", undefined],
    ["mongodb+srv://user:pass@cluster0.example.net/clinic%5Fa", "clinic_a"],
    ["mongodb://localhost/clinic?compressors=zlib", "clinic"],
    [
      "mongodb+srv://host/clinic?authMechanism=MONGODB-OIDC&authMechanismProperties=ENVIRONMENT:gcp,TOKEN_RESOURCE:mongodb",
      "clinic",
    ],
  ])("is taken, with the database that it names: %s", (uri, database) => {
    const read = reading(uri);
    expect(read).toEqual({ value: { uri, database } });
  });
});

const unknown = "is no option of the runtime's driver, whatever another language's may know.";
const encoding = "has a character in user name or password that is not percent-encoded.";

describe("a URI that no driver can use is refused before the shift, without being shown", () => {
  test.each([
    ["mongodb://localhost/clinic\n", "begins or ends with white space, often the end of a line."],
    [" mongodb://localhost/clinic", "begins or ends with white space, often the end of a line."],
    ["postgres://u:hunter2@db/clinic", "does not begin with mongodb:// or mongodb+srv://."],
    ["cluster0.example.net", "does not begin with mongodb:// or mongodb+srv://."],
    ["mongodb://u:hunter2@/clinic", "names no host."],
    ["mongodb://u:hunter@2@db/clinic", encoding],
    ["mongodb://u:hunter/2@db/clinic", encoding],
    ["mongodb://u:hunter?2@db/clinic", encoding],
    ["mongodb://u:hunter#2@db/clinic", encoding],
    ["mongodb://u:hunter:2@db/clinic", encoding],
    ["mongodb://u:hunter%2@db/clinic", encoding],
    [
      "mongodb+srv://u:hunter2@a.example.net:27017/clinic",
      "has several hosts, or a port: mongodb+srv:// finds them by one name in the DNS.",
    ],
    [
      "mongodb://db/?compressors=zlib,snappy",
      "compressors=snappy needs a package of native or cloud code that the runtime does not carry.",
    ],
    [
      "mongodb://db/?COMPRESSORS=zstd",
      "COMPRESSORS=zstd needs a package of native or cloud code that the runtime does not carry.",
    ],
    [
      "mongodb://db/?authMechanism=gssapi",
      "authMechanism=GSSAPI needs a package of native or cloud code that the runtime does not carry.",
    ],
    [
      "mongodb://db/?authMechanism=MONGODB-AWS",
      "authMechanism=MONGODB-AWS needs a package of native or cloud code that the runtime does not carry.",
    ],
    [
      "mongodb://db/?proxyHost=hunter2",
      "proxyHost needs a package of native or cloud code that the runtime does not carry.",
    ],
    ["mongodb://hunter2/a.b", expect.stringMatching(/^names a database that cannot be: at most 63 characters/)],
    ["mongodb://hunter2/my$db", expect.stringMatching(/^names a database that cannot be: /)],
    ["mongodb://db:99999/clinic", "has a port that is not a number from 1 to 65535."],
    ["mongodb://a:1,b:hunter2/clinic", "has a port that is not a number from 1 to 65535."],
    ["mongodb://db:0/clinic", "has a port that is not a number from 1 to 65535."],
    ["mongodb://db/clinic?hunter2", `the text of 7 characters (not shown) ${unknown}`],
    ["mongodb://db/clinic?uuidRepresentation=hunter2", `uuidRepresentation ${unknown}`],
    ["mongodb://db/clinic?tls=hunter2", "tls is neither true nor false."],
    ["mongodb://db/clinic?maxPoolSize=hunter2", "maxPoolSize is not a whole number."],
    ["mongodb://db/clinic?replicaSet=", '"replicaSet" is set to nothing.'],
    ["mongodb://db/clinic?appName=hunter2&w=majority&appName=hunter3", "appName is there more than once."],
  ])("%j", (uri, problem) => {
    expect(problems(uri)).toEqual([problem]);
    expect(JSON.stringify(reading(uri))).not.toMatch(/hunter|example/);
  });
});

describe("the options of a URI", () => {
  const told = (option: string) => {
    try {
      new MongoClient(`mongodb://db/clinic?${option}`);
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };
  // The driver warns of those that it will give up: not this test's business.
  beforeAll(() => vi.spyOn(process, "emitWarning").mockImplementation(() => {}));
  afterAll(() => vi.restoreAllMocks());

  test.each(Object.values(uriOptions).flat())(
    "keep no clinic from a database that works: the driver knows %s",
    (name) => {
      expect(told(`${name}=maybe`)).not.toContain("is not supported");
    },
  );

  test.each(uriOptions.switches)("let no URI through that the driver refuses: %s", (name) => {
    expect([told(`${name}=maybe`), told(`${name}=true`)]).toEqual([
      expect.stringContaining('either "true" or "false"'),
      "",
    ]);
  });

  test.each(uriOptions.numbers)("let no URI through that the driver refuses: %s", (name) => {
    expect(told(`${name}=maybe`)).toContain("int value");
  });
});
