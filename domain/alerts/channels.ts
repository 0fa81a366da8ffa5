import { type Finding, quoted } from "../findings.ts";
import type { AlertsSettings } from "../settings/alerts.ts";
import type { ChannelPlan } from "./plan.ts";

/** Every channel, once in each project whose policies tell it. */
export function planChannels(
  { channels }: Pick<AlertsSettings, "channels">,
  projects: readonly string[],
): readonly ChannelPlan[] {
  return Object.entries(channels).flatMap(([key, channel]) => {
    const target = targetOf(channel);
    return homes(target, projects).map((project) => ({ key, project, target }));
  });
}

/**
 * What is wrong with existing channels: a policy takes channels of its own project only.
 * https://docs.cloud.google.com/monitoring/support/notification-options (November 2026)
 */
export function channelFindings(
  { channels }: Pick<AlertsSettings, "channels">,
  projects: readonly string[],
): readonly Finding[] {
  return Object.entries(channels).flatMap(([key, { existing }]) => {
    const owner = existing?.split("/")[1];
    // A project's number may be that of any of them.
    if (owner === undefined || /^\d+$/.test(owner) || projects.includes(owner)) return [];
    return [
      {
        path: `alerts.channels.${key}.existing`,
        problem: `belongs to ${quoted(owner)}, and a policy takes channels of its own project only (here ${projects.join(" and ")}).`,
        remedy: "Name a channel of that project, or let the stack make one: email, pagerduty, slack or webhook.",
      },
    ];
  });
}

/** An existing channel is where it is. Where its name does not say so (a project's number), Google finds out. */
function homes(target: ChannelPlan["target"], projects: readonly string[]): readonly string[] {
  const owner = target.kind === "existing" ? target.name.split("/")[1] : undefined;
  return owner !== undefined && projects.includes(owner) ? [owner] : projects;
}

function targetOf(channel: AlertsSettings["channels"][string]): ChannelPlan["target"] {
  const { existing, email, pagerduty, slack, webhook } = channel;
  if (existing !== undefined) return { kind: "existing", name: existing };
  if (email !== undefined) return { kind: "email", address: email };
  if (pagerduty !== undefined) return { kind: "pagerduty", serviceKey: pagerduty.serviceKey };
  if (slack !== undefined) return { kind: "slack", channel: slack.channel, token: slack.token };
  if (webhook !== undefined) return { kind: "webhook", url: webhook.url };
  throw new Error("a channel of no kind reached the plan: alertsSchema refuses it");
}
