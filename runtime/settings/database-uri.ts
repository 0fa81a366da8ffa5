import { type Form, shown, type Wrong, wrong } from "./form.ts";
import { databaseName } from "./forms.ts";
import { uriOptionNames, uriOptionProblem } from "./uri-options.ts";

export interface DatabaseUri {
  /** With its password: never in a log or an error. */
  readonly uri: string;
  /** The database that it names itself. */
  readonly database: string | undefined;
}

const remedyFor = {
  stored:
    "Store it without one: `printf %s`, not `echo`, writes the version of the secret. This one cannot be read by any driver.",
  form: "Give it as MongoDB's console shows it: mongodb+srv://USER:PASSWORD@HOST/DATABASE.",
  option: "Correct it, or leave it out: the driver would refuse to connect.",
  encoding: "Percent-encode user name and password: @ is %40, / is %2F, : is %3A, % is %25.",
} as const;

/** What the driver would load a package for that is not in the bundle, by option in lower case. */
const unbundled: Readonly<Record<string, readonly string[]>> = {
  compressors: ["snappy", "zstd"],
  authmechanism: ["GSSAPI", "MONGODB-AWS"],
};

/**
 * MONGODB_URI. Whether it is right only the database can tell; this looks at what can be seen without it, and names
 * what is wrong without showing any of it.
 */
export const databaseUri: Form<DatabaseUri> = {
  kind: "MongoDB URI",
  limits: "a secret; without compression by snappy or zstd, Kerberos, AWS credentials or a SOCKS proxy",
  read: (text) => {
    if (text !== text.trim()) {
      return wrong("begins or ends with white space, often the end of a line.", remedyFor.stored);
    }
    const [, scheme, authority = "", path = "", query = ""] =
      /^(mongodb|mongodb\+srv):\/\/([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(text) ?? [];
    if (scheme === undefined) return wrong("does not begin with mongodb:// or mongodb+srv://.", remedyFor.form);

    const address = addressProblems(scheme, authority, path, query);
    // Of a URI that is cut in the wrong place the options are no options.
    const found = address.length > 0 ? address : optionProblems(query);
    if (found.length > 0) return { wrong: found };
    return { value: { uri: text, database: path === "" ? undefined : decodeURIComponent(path) } };
  },
};

function addressProblems(scheme: string, authority: string, path: string, query: string): readonly Wrong[] {
  const userInfo = authority.slice(0, Math.max(0, authority.lastIndexOf("@")));
  const hosts = authority.slice(authority.lastIndexOf("@") + 1);
  // What is left over in the user's part, or an @ behind the first / or ?, belongs to a password that nobody encoded.
  const cut = path.includes("@") || (userInfo === "" && query.includes("@"));
  if (/[@#\s]|:.*:/.test(userInfo) || (authority + path).includes("#") || cut || !decodes(userInfo) || !decodes(path)) {
    return [
      { problem: "has a character in user name or password that is not percent-encoded.", remedy: remedyFor.encoding },
    ];
  }
  if (hosts === "") return [{ problem: "names no host.", remedy: remedyFor.form }];
  const name = decodeURIComponent(path);
  if (name !== "" && "wrong" in databaseName.read(name)) {
    return [{ problem: `names a database that cannot be: ${databaseName.limits}.`, remedy: remedyFor.form }];
  }
  if (scheme === "mongodb+srv" && /[,:]/.test(hosts)) {
    return [
      {
        problem: "has several hosts, or a port: mongodb+srv:// finds them by one name in the DNS.",
        remedy: "Give one host without a port, or write mongodb://.",
      },
    ];
  }
  const ports = hosts.split(",").flatMap((host) => /:([^\]:]+)$/.exec(host)?.[1] ?? []);
  if (!ports.every((port) => /^\d+$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535)) {
    return [{ problem: "has a port that is not a number from 1 to 65535.", remedy: remedyFor.form }];
  }
  return [];
}

function settingProblems(query: string): readonly Wrong[] {
  const options = optionsIn(query);
  return options.flatMap(({ name, key, value }, at) => {
    const same = options.filter((other) => other.name === name);
    const problem = uriOptionProblem(key, value, same.length);
    // What is there twice is told once.
    if (problem === undefined || (same.length > 1 && options.findIndex((other) => other.name === name) < at)) return [];
    // What has no value after it may be none of an option, but a part of something that was to be secret.
    const told = /^\w+$/.test(name) && value !== "" ? name : shown(name, uriOptionNames);
    return [{ problem: `${told} ${problem}.`, remedy: remedyFor.option }];
  });
}

function optionsIn(query: string) {
  return [...new URLSearchParams(query)].map(([name, value]) => ({ name, key: name.toLowerCase(), value }));
}

function optionProblems(query: string): readonly Wrong[] {
  const options = optionsIn(query);
  const proxy = options.filter(({ key }) => key === "proxyhost");
  const named = options.flatMap(({ name, key, value }) => {
    const given = value.toLowerCase().split(",");
    return (unbundled[key] ?? []).filter((word) => given.includes(word.toLowerCase())).map((word) => `${name}=${word}`);
  });
  const unusable = [...named, ...proxy.map(({ name }) => name)].map((option) => ({
    problem: `${option} needs a package of native or cloud code that the runtime does not carry.`,
    remedy: option.startsWith("compressors")
      ? "Use compressors=zlib, or leave it out: heartbeats are small."
      : "Leave it out: the runtime logs in by SCRAM, X.509, PLAIN or OIDC, without a proxy.",
  }));
  return [...unusable, ...settingProblems(query)];
}

function decodes(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
