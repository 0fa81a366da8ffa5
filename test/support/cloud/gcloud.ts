/** The `gcloud` and `docker` of the deployment's page, on a simulated cloud. What they do not know they refuse. */
import type { SimulatedCloud } from "./cloud.ts";
import { JOB, withProjectNumber } from "./names.ts";
import { addVersion, enableApis, pushImage } from "./people.ts";

export function gcloud(cloud: SimulatedCloud) {
  return (args: readonly string[], input: string): string => {
    const words = args.filter((arg) => !arg.startsWith("--"));
    const flags = Object.fromEntries(args.filter((arg) => arg.startsWith("--")).map(flag));
    const command = commands.find(([first]) => words.join(" ").startsWith(first));
    if (command === undefined) throw new Error(`ERROR: (gcloud) Invalid choice: '${words.join(" ")}'`);
    const [first, act] = command;
    return act({ cloud, flags, input, rest: words.slice(first.split(" ").length) });
  };
}

interface Typed {
  readonly cloud: SimulatedCloud;
  readonly flags: Readonly<Record<string, string>>;
  /** Words after the command's own. */
  readonly rest: readonly string[];
  readonly input: string;
}

const done = (): string => "";

const commands: readonly (readonly [words: string, act: (typed: Typed) => string])[] = [
  [
    "services enable",
    ({ cloud, flags, rest }) => {
      enableApis(cloud, required(flags, "project"), ...rest);
      return "";
    },
  ],
  ["storage buckets create", done],
  ["storage buckets update", done],
  ["kms keyrings create", done],
  ["kms keys create", done],
  ["auth configure-docker", done],
  [
    "projects describe",
    ({ rest: [project = ""] }) => `${withProjectNumber(`projects/${project}`).slice("projects/".length)}\n`,
  ],
  [
    "secrets versions add",
    ({ cloud, flags, rest: [secret], input }) => {
      if (input === "") throw new Error("ERROR: the payload is empty");
      return `Created version [${addVersion(cloud, `projects/${required(flags, "project")}/secrets/${secret}`)}]\n`;
    },
  ],
  [
    "run jobs describe",
    ({ cloud, flags, rest: [name] }) => {
      const id = `projects/${required(flags, "project")}/locations/${required(flags, "region")}/jobs/${name}`;
      const job = cloud.object(JOB, id);
      if (job === undefined) throw new Error(`ERROR: Cannot find job [${name}]`);
      return `status:\n  conditions:\n  - status: '${job.broken === undefined ? "True" : "False"}'\n    type: Ready\n`;
    },
  ],
];

/** `docker build` knows the tag from then on, and `docker push` brings it to the registry. */
export function docker(cloud: SimulatedCloud) {
  const built = new Set<string>();
  return ([verb, ...args]: readonly string[]): string => {
    if (verb === "build") {
      built.add(String(flag(args[0] ?? "")[1]));
      return "";
    }
    const [tag = ""] = args;
    if (verb !== "push" || !built.has(tag)) throw new Error(`An image does not exist locally with the tag: ${tag}`);
    pushImage(cloud, tag);
    return "latest: digest: sha256:0000000000000000000000000000000000000000000000000000000000000000 size: 1000\n";
  };
}

/** `--project=P` as a pair. */
function flag(arg: string): readonly [name: string, value: string] {
  const [, name = "", value = ""] = /^--([^=]+)=?(.*)$/s.exec(arg) ?? [];
  return [name, value];
}

function required(flags: Readonly<Record<string, string>>, name: string): string {
  const value = flags[name];
  if (value === undefined || value === "") throw new Error(`ERROR: argument --${name} is required`);
  return value;
}
