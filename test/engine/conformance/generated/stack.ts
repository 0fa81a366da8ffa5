/** Whole stacks by chance, each of which can be deployed: everything that docs/settings.md offers, in some mixture. */
import type { SettingsInput } from "../../../../domain/settings/settings.ts";
import type { Configuration } from "../../../support/engine/world.ts";
import { Dice } from "./dice.ts";
import { rounds } from "./rounds.ts";
import { workers } from "./workers.ts";

/** The channels' keys by the kind of channel, encrypted, as they stand in a stack's file: `{ secure: … }`. */
export type ChannelKeys = Readonly<Record<"pagerduty" | "slack" | "webhook", unknown>>;

/** The same seed gives the same stack. */
export function generatedStack(seed: number, keys: ChannelKeys): Configuration {
  const dice = new Dice(seed);
  const project = "ortho-ai-485203";
  const sections = dice.one(["workers", "rounds", "both", "both", "both"] as const);
  const settings = {
    environment: dice.one(["prod", "staging"] as const),
    ...dice.maybe(() => ({ protect: dice.one([true, false]) })),
    ...dice.maybe(() => ({ labels: { owner: "voice-platform", "cost_center-2": "", constructor: "x" } })),
    ...dice.maybe(() => ({ images: images(dice) })),
    ...(sections === "rounds" ? {} : { workers: workers(dice, project, 4) }),
    ...(sections === "workers" ? {} : { rounds: rounds(dice) }),
    ...(dice.whole(1, 4) === 1 ? {} : { alerts: alerts(dice, keys) }),
  } satisfies Omit<SettingsInput, "gcp:project" | "gcp:region">;
  const own = Object.entries(settings).map(([name, value]) => [`agent-worker:${name}`, value]);
  return { "gcp:project": project, "gcp:region": dice.one(["us-central1", "asia-south1"]), ...Object.fromEntries(own) };
}

function images(dice: Dice): NonNullable<SettingsInput["images"]> {
  return {
    repository: "agents",
    ...dice.maybe(() => ({ project: "images-1234" })),
    ...dice.maybe(() => ({ region: "europe-west1" })),
  };
}

function alerts(dice: Dice, keys: ChannelKeys): NonNullable<SettingsInput["alerts"]> {
  const seconds = (least: number, most: number) => `${dice.whole(least, most)}s`;
  return {
    ...dice.maybe(() => ({ channels: Object.fromEntries(dice.several(channels(keys), 0, 5)) })),
    ...dice.maybe(() => ({ failureRate: `${dice.whole(1, 99)}%`, retryRate: `${dice.whole(1, 98)}.5%` })),
    ...dice.maybe(() => ({ consecutiveFailures: dice.whole(2, 6) })),
    ...dice.maybe(() => ({ agentLatencyP95: seconds(1, 3600), roundDuration: seconds(1, 1800) })),
    ...dice.maybe(() => ({ startWithin: seconds(60, 82_800), heartbeatSilence: seconds(60, 82_800) })),
  };
}

type Channel = NonNullable<NonNullable<SettingsInput["alerts"]>["channels"]>[string];

/** One of each kind. The stack's project may have no alerts, so an existing channel is named by a project's number. */
function channels(keys: ChannelKeys): readonly (readonly [string, Channel])[] {
  // Text, for whoever reads them decrypted.
  const { pagerduty, slack, webhook } = keys as Record<keyof ChannelKeys, string>;
  return [
    ["oncall", { pagerduty: { serviceKey: pagerduty } }],
    ["chat", { slack: { channel: "#voice_agents-1", token: slack } }],
    ["hook", { webhook: { url: webhook } }],
    ["mail", { email: "on-call+dental@example.com" }],
    ["theirs", { existing: "projects/123456789012/notificationChannels/42" }],
  ];
}
