/** Who is told of what. */
import { CHANNEL } from "../../support/cloud/names.ts";
import { Secret } from "./changes.ts";
import type { Row } from "./row.ts";
import {
  advice,
  channels,
  each,
  hourPolicies,
  policies,
  project,
  query,
  roundsDashboard,
  roundsProject,
  title,
  workerPolicies,
} from "./words.ts";

const inEachProject = (key: string) => [`channel ${project}.${key}`, `channel ${roundsProject}.${key}`];
const existing = (number: number) => `projects/${project}/notificationChannels/${number}`;
const missed = "policy round-missed-america-new-york";
const drawn = { [roundsDashboard]: ["dashboardJson"] };

/** A second channel, of another kind than the shipped one. */
const slack = {
  "alerts.channels.team.slack.channel": "#oncall",
  "alerts.channels.team.slack.token": new Secret("first-token"),
};

export const alertRows: readonly Row[] = [
  {
    setting: "alerts.channels",
    name: "a further channel is told too, before the others if its key is",
    change: { "alerts.channels.desk": { email: "desk@example.com" } },
    effects: {
      created: inEachProject("desk"),
      updated: each(policies, "notificationChannels[0]", "notificationChannels[1]"),
    },
  },
  {
    setting: "alerts.channels",
    name: "a renamed channel is another channel, and every policy tells that one before the old one goes",
    change: { rename: "alerts.channels.oncall", to: "nights" },
    effects: {
      created: inEachProject("nights"),
      deleted: channels,
      updated: each(policies, "notificationChannels[0]"),
    },
  },
  {
    setting: "alerts.channels",
    name: "a channel that is taken out is told nothing any more",
    change: { "alerts.channels.oncall": undefined },
    effects: { deleted: channels, updated: each(policies, "notificationChannels[0]") },
  },
  {
    setting: "alerts.channels.KEY.email",
    name: "the same channel mails another address",
    change: { "alerts.channels.oncall.email": "night@example.com" },
    effects: { updated: each(channels, "labels.email_address") },
  },
  {
    setting: "alerts.channels.KEY.existing",
    name: "another channel of somebody else's is told, by the policies of its own project",
    from: { "alerts.channels.team": { existing: existing(7001) } },
    people: (cloud) => cloud.put(CHANNEL, existing(7002), { type: CHANNEL, attributes: {} }),
    change: { "alerts.channels.team.existing": existing(7002) },
    effects: { updated: each(workerPolicies, "notificationChannels[1]") },
  },
  {
    setting: "alerts.channels.KEY.pagerduty.serviceKey",
    name: "the same channel has another key, which stands nowhere in plain",
    from: { "alerts.channels.team.pagerduty.serviceKey": new Secret("first-key") },
    change: { "alerts.channels.team.pagerduty.serviceKey": new Secret("second-key") },
    effects: { updated: each(inEachProject("team"), "sensitiveLabels.serviceKey") },
  },
  {
    setting: "alerts.channels.KEY.slack.channel",
    name: "the same channel writes elsewhere",
    from: slack,
    change: { "alerts.channels.team.slack.channel": "#nights" },
    effects: { updated: each(inEachProject("team"), "labels.channel_name") },
  },
  {
    setting: "alerts.channels.KEY.slack.token",
    name: "the same channel has another token, which stands nowhere in plain",
    from: slack,
    change: { "alerts.channels.team.slack.token": new Secret("second-token") },
    effects: { updated: each(inEachProject("team"), "sensitiveLabels.authToken") },
  },
  {
    setting: "alerts.channels.KEY.webhook.url",
    name: "the same channel calls another address, which stands nowhere in plain",
    from: { "alerts.channels.team.webhook.url": new Secret("https://example.com/first") },
    change: { "alerts.channels.team.webhook.url": new Secret("https://example.com/second") },
    effects: { updated: each(inEachProject("team"), "labels.url") },
  },
  {
    setting: "alerts.failureRate",
    name: "more failures are taken",
    change: { "alerts.failureRate": "10%" },
    effects: { updated: { "policy round-failure-rate": [query, advice, ...title] } },
  },
  {
    setting: "alerts.retryRate",
    name: "more retries are taken, and the dashboard draws the new limit",
    change: { "alerts.retryRate": "20%" },
    effects: { updated: { "policy round-retry-rate": [query, advice, ...title], ...drawn } },
  },
  {
    setting: "alerts.consecutiveFailures",
    name: "fewer failures in a row are too many, of starts as of rounds",
    change: { "alerts.consecutiveFailures": 2 },
    effects: { updated: each(["policy rounds-failing", "policy starts-failing"], query, advice) },
  },
  {
    setting: "alerts.agentLatencyP95",
    name: "slower answers are taken, and the dashboard draws the new limit",
    change: { "alerts.agentLatencyP95": "60s" },
    effects: { updated: { "policy agent-latency": [query, advice, ...title], ...drawn } },
  },
  {
    setting: "alerts.roundDuration",
    name: "longer rounds are taken, and counted by the new limit",
    change: { "alerts.roundDuration": "10m" },
    effects: {
      updated: {
        "metric round-duration": ["bucketOptions.exponentialBuckets.scale"],
        "policy round-duration": [query, advice, ...title],
        ...drawn,
      },
    },
  },
  {
    setting: "alerts.startWithin",
    name: "what is late counts as missed later",
    change: { "alerts.startWithin": "20m" },
    effects: { updated: each([missed, ...hourPolicies], query, advice) },
  },
  {
    setting: "alerts.heartbeatSilence",
    name: "a longer silence is taken",
    change: { "alerts.heartbeatSilence": "10m" },
    effects: { updated: { "policy heartbeat-silent": [query, advice] } },
  },
];
