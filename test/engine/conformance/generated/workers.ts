/** Workers by chance: hours, sizes, variables and secrets of every kind that the settings offer. */
import { cpus, formatMemory, memoryFor } from "../../../../domain/envelope.ts";
import { leastOrphanAfter } from "../../../../domain/heartbeat.ts";
import type { WorkerInput } from "../../../../domain/settings/worker.ts";
import type { Dice } from "./dice.ts";

export type WorkerEntry = WorkerInput & { readonly image?: string };

const keys = [
  ...["dental-agent-worker", "eye-worker", "a", "constructor", "front-desk", "kids"],
  "an-unusually-long-name-for-a-clinic-in-the-suburb",
] as const;

/** Their clocks change at odd times, by odd amounts, or not at all. */
export const timeZones = [
  ...["Asia/Karachi", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu"],
  ...["America/Sao_Paulo", "Pacific/Chatham", "Africa/Casablanca"],
] as const;

/** Texts that a shell, YAML, JSON or HTML would each like to read as something else. */
const texts = [
  ...["", "plain", "two\nlines\tand a tab", "ü € 😀", "<b>&amp;</b>", '"quoted" \\ back', "$HOME $(id) `id`"],
  ...["2026-12-25", "0x1F", "012", "yes", "null", "{}", " a space before and after ", "#no comment", "[secure 12]"],
];

export function workers(dice: Dice, project: string, most: number): Record<string, WorkerEntry> {
  const secrets = secretsOfAll(dice);
  return Object.fromEntries(dice.several(keys, 1, most).map((key) => [key, worker(dice, key, project, secrets)]));
}

function worker(dice: Dice, key: string, project: string, secrets: readonly Secret[]): WorkerEntry {
  const cpu = dice.one(cpus);
  const { min, max } = memoryFor[cpu];
  const supervised = dice.one([true, true, false]);
  const interval = dice.whole(1, 600);
  return {
    ...dice.maybe(() => ({ image: image(dice, key, project) })),
    ...(supervised
      ? {
          ...dice.maybe(() => ({ supervise: true })),
          command: ["python", ...dice.several(["worker_main.py", "--name", "ü <&>", ""], 0, 4)],
        }
      : { supervise: false }),
    ...dice.maybe(() => ({ cpu, memory: formatMemory(512 * dice.whole(min / 512, max / 512)) })),
    officeHours: {
      timeZone: dice.one(timeZones),
      week: week(dice),
      ...dice.maybe(() => ({ holidays: [...dice.several(["2026-12-25", "2027-01-01", "2027-08-14"], 0, 3)] })),
    },
    ...dice.maybe(() => ({ lead: `${dice.whole(0, 30)}m` })),
    ...dice.maybe(() => ({ drain: `${dice.whole(0, 3600)}s` })),
    // As long as a task may be: what the hours need is never more.
    ...dice.maybe(() => ({ timeout: "168h" })),
    ...dice.maybe(() => ({ maxRetries: dice.whole(0, 10) })),
    ...dice.maybe(() => ({
      env: Object.fromEntries(
        dice.several(["AGENT_NAME", "lower", "_", "X1"], 1, 4).map((name) => [name, dice.one(texts)]),
      ),
    })),
    ...dice.maybe(() => ({
      secrets: Object.fromEntries(
        dice.several(secrets, 1, 4).map((secret, place) => [`KEY_${place}`, pinned(dice, secret)]),
      ),
    })),
    ...dice.maybe(() => ({
      heartbeat: { interval: `${interval}s`, orphanAfter: `${leastOrphanAfter(interval) + dice.whole(0, 600)}s` },
    })),
  };
}

function image(dice: Dice, key: string, project: string): string {
  const digest = Array.from({ length: 64 }, () => dice.whole(0, 15).toString(16)).join("");
  return `us-central1-docker.pkg.dev/${project}/agents/${key}${dice.one([":latest", ":v1.2", `@sha256:${digest}`])}`;
}

/** Weeks that leave a gap: one after another, with a break at noon, through the night, around the clock for a day. */
function week(dice: Dice): WorkerInput["officeHours"]["week"] {
  const time = (hour: number) => `${String(hour).padStart(2, "0")}:${dice.one(["00", "15", "30", "59"])}`;
  return dice.one([
    () => ({
      weekday: { days: "mon-fri", open: time(dice.whole(5, 10)), close: time(dice.whole(14, 20)) },
      ...dice.maybe(() => ({ saturday: { days: "sat", open: time(9), close: time(13) } })),
    }),
    () => ({
      morning: { days: dice.one(["mon,wed,fri", "mon-sat"]), open: time(8), close: "12:00" },
      afternoon: { days: dice.one(["tue", "mon-sat"]), open: dice.one(["12:00", "12:05", "14:30"]), close: time(18) },
    }),
    () => ({
      night: {
        days: dice.one(["mon-fri", "sun-thu", "sat"]),
        open: time(dice.whole(19, 23)),
        close: time(dice.whole(1, 7)),
      },
    }),
    () => ({ "all-day": { days: dice.one(["sat,sun", "wed"]), open: "00:00", close: "24:00" } }),
  ])();
}

type Secret = NonNullable<WorkerInput["secrets"]>[string];

/** What a secret is, is the same for all that read it. */
function secretsOfAll(dice: Dice): readonly Secret[] {
  const rotations = ["2026-q3", "2026-q4", "2027-q1"];
  return ["livekit-url", "Control_TOKEN", "mongodb-uri", "shared-key", "constructor"].map((secret) =>
    dice.one<() => Secret>([
      () => ({ secret }),
      () => ({ secret, ...dice.maybe(() => ({ existing: false })) }),
      () => ({ secret, existing: true }),
      () => ({
        secret,
        generate: {
          rotations: [...dice.several(rotations, 1, 3)],
          ...dice.maybe(() => ({ bytes: dice.whole(16, 64) })),
        },
      }),
    ])(),
  );
}

/** Which version is read may differ from one variable to another. */
function pinned(dice: Dice, secret: Secret): Secret {
  return secret.generate === undefined ? { ...secret, version: dice.one(["1", "23", "latest"]) } : secret;
}
