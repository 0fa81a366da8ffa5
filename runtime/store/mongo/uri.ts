import { type Finding, FindingsError } from "../../../domain/findings.ts";
import type { DatabaseSettings } from "../../settings.ts";

/** Packages that the driver loads for these, and that one file cannot hold (driver 7.9.0, lib/deps.js). */
const compressorPackages: Readonly<Record<string, string>> = { snappy: "snappy", zstd: "@mongodb-js/zstd" };
const mechanismPackages: Readonly<Record<string, string>> = {
  GSSAPI: "kerberos",
  "MONGODB-AWS": "@aws-sdk/credential-providers",
};
/** Lower case: the driver takes an option's name in any. */
const optionsWithPackages: Readonly<Record<string, string>> = {
  proxyhost: "socks",
  proxyport: "socks",
};

const HOST = String.raw`(?:\[[0-9a-f:.]+\]|[^@/?,:[\]]+)(?::\d+)?`;
/** A password with an unescaped slash, question mark or at sign must not be taken for a host or a database. */
const SHAPE = new RegExp(`^mongodb(?:\\+srv)?://(?:[^@/?]*@)?${HOST}(?:,${HOST})*(?:/([^?/@:]*))?(?:\\?(.*))?$`, "i");

/**
 * Everything that is wrong with where the records are said to be, as far as can be seen without asking. Nothing of the
 * URI is repeated: it holds a password.
 */
export function databaseProblems({ uri, database }: Omit<DatabaseSettings, "names">): readonly Finding[] {
  const parts = SHAPE.exec(uri);
  if (parts === null) return [unreadable];
  const [, named = "", query = ""] = parts;
  const problems: Finding[] = [];
  if (named === "" && (database ?? "") === "") problems.push(nameless);
  for (const [name, value] of new URLSearchParams(query)) problems.push(...optionProblems(name.toLowerCase(), value));
  return problems;
}

/** @throws FindingsError */
export function checkDatabase(settings: DatabaseSettings): void {
  const problems = databaseProblems(settings);
  if (problems.length > 0) throw new FindingsError(problems);
}

const PATH = "MONGODB_URI";

const unreadable: Finding = {
  path: PATH,
  problem: "is no address of a MongoDB database (its value is a secret and not shown).",
  remedy:
    "It looks like mongodb+srv://user:password@host/database; in user and password %-escape what is no letter or digit.",
};

const nameless: Finding = {
  path: PATH,
  problem: "names no database, and MongoDB would use one called test.",
  remedy: "Write its name after the host (…host/clinic), or set AGENT_DATABASE.",
};

function optionProblems(name: string, value: string): readonly Finding[] {
  if (name === "compressors") {
    return value.split(",").flatMap((compressor) => lacking(compressorPackages[compressor], "compressors", compressor));
  }
  if (name === "authmechanism") return lacking(mechanismPackages[value], "authMechanism", value);
  return lacking(optionsWithPackages[name], name, undefined);
}

function lacking(needed: string | undefined, option: string, value: string | undefined): readonly Finding[] {
  if (needed === undefined) return [];
  const what = value === undefined ? option : `${option}=${value}`;
  return [
    {
      path: `${PATH}?${option}`,
      problem: `${what} needs the package ${needed}, which is not in the runtime.`,
      remedy: remedyOf(option),
    },
  ];
}

function remedyOf(option: string): string {
  if (option === "compressors") return "Leave it out, or use compressors=zlib.";
  if (option.startsWith("proxy")) return "Reach the database without a SOCKS proxy.";
  return "Use a user with a password (SCRAM), a certificate (MONGODB-X509) or the service account (MONGODB-OIDC).";
}
