import type { AlertsSettings } from "../settings/alerts.ts";
import type { ChannelPlan, SecretText } from "./plan.ts";

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

/** An existing channel is where it is. Where its name does not say so (a project's number), Google finds out. */
function homes(target: ChannelPlan["target"], projects: readonly string[]): readonly string[] {
  const owner = target.kind === "existing" ? target.name.split("/")[1] : undefined;
  return owner !== undefined && projects.includes(owner) ? [owner] : projects;
}

function targetOf(channel: AlertsSettings["channels"][string]): ChannelPlan["target"] {
  const { existing, email, pagerduty, slack, webhook } = channel;
  if (existing !== undefined) return { kind: "existing", name: existing };
  if (email !== undefined) return { kind: "email", address: email };
  if (pagerduty !== undefined) return { kind: "pagerduty", serviceKey: pagerduty.serviceKey as SecretText };
  if (slack !== undefined) return { kind: "slack", channel: slack.channel, token: slack.token as SecretText };
  if (webhook !== undefined) return { kind: "webhook", url: webhook.url as SecretText };
  throw new Error("a channel of no kind reached the plan: alertsSchema refuses it");
}
