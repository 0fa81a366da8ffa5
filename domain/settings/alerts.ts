import { z } from "zod";
import { duration, form, key, mapOf, parsed, problem, whole } from "./fields.ts";
import { doubles, inspect, rightEntries } from "./inspect.ts";
import { isStandIn } from "./opaque.ts";
import { written } from "./written.ts";

/** A secret of the stack, decrypted, or the text that stands for it. Never shown. */
function secretText(kind: string, check: (value: string) => string | undefined = () => undefined) {
  return z
    .custom<string>()
    .check((context) => {
      const value: unknown = context.value;
      const text = typeof value === "string" ? value : "";
      if (isStandIn(text)) return;
      const found = text === "" ? `the value is not ${kind}.` : check(text);
      if (found === undefined) return;
      problem(context, found, "Set it with `pulumi config set --secret --path`, so that it is encrypted.");
    })
    .register(written, { kind, example: "secure: …", limits: "a secret of the stack" });
}

const kinds = ["email", "existing", "pagerduty", "slack", "webhook"] as const;

const channelSchema = z
  .strictObject({
    email: form(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, {
      kind: "an e-mail address",
      limits: "it has a name, an @ and a domain",
      remedy: "Give the address of a team, not of a person.",
      example: "oncall@example.com",
      hidden: true,
    })
      .optional()
      .describe("An address that is mailed."),
    existing: form(/^projects\/[^/]+\/notificationChannels\/[0-9]+$/, {
      kind: "a channel's name",
      limits: "projects/PROJECT/notificationChannels/NUMBER",
      remedy: "Copy it from `gcloud beta monitoring channels list`.",
      example: "projects/ortho-ai-485203/notificationChannels/1234567890",
      hidden: true,
    })
      .optional()
      .describe("A channel that exists already, in the project of what it tells about."),
    pagerduty: z
      .strictObject({ serviceKey: secretText("an integration key").describe("Integration key of the service.") })
      .optional()
      .describe("A PagerDuty service."),
    slack: z
      .strictObject({
        channel: form(/^#[a-z0-9_-]{1,79}$/, {
          kind: "a Slack channel",
          limits: "a # and 1 to 79 lower-case letters, digits, hyphens and underscores",
          remedy: 'Give the channel with its #, in quotes: "#oncall".',
          example: '"#oncall", in quotes',
          hidden: true,
        }).describe("The channel, with its #."),
        token: secretText("a Slack token").describe("Token of the Cloud Monitoring app."),
      })
      .optional()
      .describe("A Slack channel."),
    webhook: z
      .strictObject({
        url: secretText("a webhook's URL", (url) =>
          url.startsWith("https://") ? undefined : "the URL is not https: what it is told would travel in the open.",
        ).describe("The https URL, which usually holds a token."),
      })
      .optional()
      .describe("A webhook."),
  })
  .check(
    inspect([], (context) => {
      const given = kinds.filter((kind) => context.value[kind] !== undefined);
      if (given.length === 1 || (given.length === 0 && context.issues.length > 0)) return;
      problem(
        context,
        given.length === 0
          ? "no kind of channel is given."
          : `${given.join(" and ")} are given, and a channel is of one kind.`,
        `Give one of ${kinds.join(", ")}.`,
      );
    }),
  );

/** A share as people write it: `5%`. */
const percent = parsed<number>({ kind: "a share", example: "5%", limits: "over 0% and under 100%" }, (value) => {
  const share = Number(/^(\d{1,2}(?:\.\d)?)%$/.exec(value)?.[1]) / 100;
  return share > 0
    ? share
    : { problem: "the text is not a share over 0% and under 100%.", remedy: "Write it like 5% or 2.5%." };
});

/**
 * 23 hours, and queries look back up to half an hour more. No page gives a limit: ranges of 25 hours are in real use,
 * and somebody reports that longer ones over log-based metrics are refused (November 2026).
 */
const lookback = { min: 60, max: 82_800, reason: "Cloud Monitoring looks back about a day" };

/** Settings of the alerts. The defaults of shares, failures, latency and duration are those of source 002, "Key Metrics". */
export const alertsSchema = z
  .strictObject({
    channels: mapOf(key, channelSchema).default({}).describe("Who is told, by key."),
    failureRate: percent.prefault("5%").describe("Share of failed attempts in an hour."),
    retryRate: percent.prefault("10%").describe("Share of retries in a day; an approximation."),
    consecutiveFailures: whole(2, 6, "a job is attempted at most 6 times")
      .default(3)
      .describe("Failed attempts in a row."),
    agentLatencyP95: duration({ min: 1, max: 3600, reason: "Cloud Run's longest request" })
      .prefault("30s")
      .describe("95th percentile of the Pulse Agent's answers. Raise it for an agent that answers only when done."),
    roundDuration: duration({ min: 1, max: 1800, reason: "the longest attempt" })
      .prefault("5m")
      .describe("Longest round, from the Pulse Agent's request log."),
    startWithin: duration(lookback)
      .prefault("15m")
      .describe("How late a start or a round may be before it counts as missed."),
    heartbeatSilence: duration(lookback).prefault("5m").describe("Silence of a running worker."),
  })
  .check(
    inspect([], (context) => {
      const channels = rightEntries(context, ["channels"], context.value.channels);
      for (const [[earlier], [later]] of doubles(channels, sameChannel)) {
        problem(context, `it is the same channel as ${earlier}: everything would be told twice.`, "Keep one of them.", [
          "channels",
          later,
        ]);
      }
    }),
  );

type Channel = z.output<typeof channelSchema>;

function sameChannel(one: Channel, other: Channel): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

export type AlertsSettings = z.output<typeof alertsSchema>;
