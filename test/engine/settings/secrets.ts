/** What workers read from Secret Manager. */
import { addVersion, createSecret } from "../../support/cloud/people.ts";
import type { Row } from "./row.ts";
import { env, job, project, worker } from "./words.ts";

const at = (variable: string) => `workers.${worker}.secrets.${variable}`;
const right = (secret: string) => `right of ${worker} to read ${secret}`;
const read = (variable: string, what: string) => env(`${variable}.valueSource.secretKeyRef.${what}`);
const id = (secret: string) => `projects/${project}/secrets/${secret}`;

const token = (...rotations: readonly string[]) => ({
  [at("CONTROL_TOKEN")]: { secret: "control-token", generate: { rotations } },
});
const rotations = at("CONTROL_TOKEN.generate.rotations");
const newNumber = { [job]: [read("CONTROL_TOKEN", "version")] };

export const secretRows: readonly Row[] = [
  {
    setting: "workers.KEY.secrets",
    name: "a further secret is made first, gets its version, and is then read",
    change: { [at("TWILIO_TOKEN")]: { secret: "twilio-token", version: "1" } },
    first: ["secrets-twilio-token", `${worker}-reads.twilio-token`],
    people: (cloud) => addVersion(cloud, id("twilio-token")),
    effects: { updated: { [job]: [env("TWILIO_TOKEN")] } },
  },
  {
    setting: "workers.KEY.secrets",
    name: "a further secret that is read at once has no version yet: the Job is broken by it",
    change: { [at("TWILIO_TOKEN")]: { secret: "twilio-token", version: "1" } },
    refused: { by: "up", saying: /twilio-token\/versions\/1 was not found/ },
  },
  {
    setting: "workers.KEY.secrets",
    name: "a secret that nobody reads any more is deleted, with its versions",
    change: { [at("DEEPGRAM_API_KEY")]: undefined },
    effects: { deleted: ["secret deepgram-key", right("deepgram-key")], updated: { [job]: [env("DEEPGRAM_API_KEY")] } },
  },
  {
    setting: "workers.KEY.secrets",
    name: "in prod it is not",
    stack: "prod",
    change: { [at("DEEPGRAM_API_KEY")]: undefined },
    refused: { by: "preview", saying: /secrets-deepgram-key" cannot be deleted\s+because it is protected/ },
  },
  {
    setting: "workers.KEY.secrets",
    name: "a renamed variable reads the same secret",
    change: { rename: at("DEEPGRAM_API_KEY"), to: "DEEPGRAM_KEY" },
    effects: { updated: { [job]: [env("DEEPGRAM_API_KEY"), env("DEEPGRAM_KEY")] } },
  },
  {
    setting: "workers.KEY.secrets.KEY.secret",
    name: "a variable that reads another of the secrets leaves its own to nobody",
    change: { [at("LIVEKIT_URL.secret")]: "supabase-url" },
    effects: {
      deleted: ["secret livekit-url", right("livekit-url")],
      updated: { [job]: [read("LIVEKIT_URL", "secret")] },
    },
  },
  {
    setting: "workers.KEY.secrets.KEY.version",
    name: "the next start reads the version that is named",
    people: (cloud) => addVersion(cloud, id("livekit-url")),
    change: { [at("LIVEKIT_URL.version")]: "2" },
    effects: { updated: { [job]: [read("LIVEKIT_URL", "version")] } },
  },
  {
    setting: "workers.KEY.secrets.KEY.existing",
    name: "of somebody else's secret only the right to read it is made",
    people: (cloud) => addVersion(cloud, createSecret(cloud, project, "shared-key")),
    change: { [at("SHARED_KEY")]: { secret: "shared-key", version: "1", existing: true } },
    effects: { created: [right("shared-key")], updated: { [job]: [env("SHARED_KEY")] } },
  },
  {
    setting: "workers.KEY.secrets.KEY.existing",
    name: "a secret that the stack has made is deleted when it is said to be somebody else's, and the right with it",
    change: { [at("LIVEKIT_URL.existing")]: true },
    effects: { deleted: ["secret livekit-url"], updated: { [right("livekit-url")]: [""] } },
    kept: [`${right("livekit-url")}: is not there`],
  },
  {
    setting: "workers.KEY.secrets.KEY.existing",
    name: "somebody else's secret cannot be declared here as it is",
    people: (cloud) => createSecret(cloud, project, "shared-key"),
    change: { [at("SHARED_KEY")]: { secret: "shared-key", version: "1" } },
    refused: { by: "up", saying: /409: .*shared-key already exists/ },
  },
  {
    setting: "workers.KEY.secrets.KEY.generate",
    name: "a generated secret is made with its version, and read at once",
    change: token("2026-q3"),
    effects: {
      created: [
        "secret control-token",
        "payload control-token.2026-q3",
        "version control-token.2026-q3",
        right("control-token"),
      ],
      updated: { [job]: [env("CONTROL_TOKEN")] },
    },
  },
  {
    setting: "workers.KEY.secrets.KEY.generate.bytes",
    name: "a longer payload is another payload, and another version",
    from: token("2026-q3"),
    change: { [at("CONTROL_TOKEN.generate.bytes")]: 48 },
    effects: {
      updated: newNumber,
      replaced: { "payload control-token.2026-q3": ["length"], "version control-token.2026-q3": ["secretData"] },
    },
  },
  {
    setting: "workers.KEY.secrets.KEY.generate.rotations",
    name: "a rotation is added: the next start reads the new version, and the old one stays for the running shift",
    from: token("2026-q3"),
    change: { [rotations]: ["2026-q3", "2026-q4"] },
    effects: { created: ["payload control-token.2026-q4", "version control-token.2026-q4"], updated: newNumber },
  },
  {
    setting: "workers.KEY.secrets.KEY.generate.rotations",
    name: "a rotation that is taken out is destroyed, and the one that is read stays as it is",
    from: token("2026-q3", "2026-q4"),
    change: { [rotations]: ["2026-q4"] },
    effects: { deleted: ["payload control-token.2026-q3", "version control-token.2026-q3"] },
  },
  {
    setting: "workers.KEY.secrets.KEY.generate.rotations",
    name: "rotations that change places make the other one the last, and nothing new",
    from: token("2026-q3", "2026-q4"),
    change: { [rotations]: ["2026-q4", "2026-q3"] },
    effects: { updated: newNumber },
  },
];
