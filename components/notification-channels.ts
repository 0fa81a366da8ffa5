import { NotificationChannel, type NotificationChannelArgs } from "@pulumi/gcp/monitoring/index.js";
import * as pulumi from "@pulumi/pulumi";
import type { ChannelPlan } from "../domain/alerts/plan.ts";

/** Names of the channels by project, in the order of their keys. */
export type Channels = Readonly<Record<string, readonly pulumi.Input<string>[]>>;

/** Declares the channels, each once in every project whose policies tell it. */
export function notificationChannels(
  prefix: string,
  plans: readonly ChannelPlan[],
  labels: Readonly<Record<string, string>>,
  parent: pulumi.Resource,
): Channels {
  const byProject: Record<string, pulumi.Input<string>[]> = {};
  // By key: their order is part of what Google compares.
  for (const plan of [...plans].sort((a, b) => (a.key < b.key ? -1 : 1))) {
    byProject[plan.project] = [...(byProject[plan.project] ?? []), channelName(prefix, plan, labels, parent)];
  }
  return byProject;
}

function channelName(
  prefix: string,
  { key, project, target }: ChannelPlan,
  labels: Readonly<Record<string, string>>,
  parent: pulumi.Resource,
): pulumi.Input<string> {
  if (target.kind === "existing") return target.name;
  const channel = new NotificationChannel(
    `${prefix}-${project}.${key}`,
    { project, displayName: key, enabled: true, userLabels: { ...labels }, ...reachedBy(target) },
    { parent },
  );
  return channel.name;
}

/** https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.notificationChannelDescriptors/list (November 2026) */
function reachedBy(
  target: Exclude<ChannelPlan["target"], { kind: "existing" }>,
): Pick<NotificationChannelArgs, "type" | "labels" | "sensitiveLabels"> {
  switch (target.kind) {
    case "email":
      return { type: "email", labels: { email_address: target.address } };
    case "pagerduty":
      return { type: "pagerduty", sensitiveLabels: { serviceKey: pulumi.secret(target.serviceKey) } };
    case "slack":
      return {
        type: "slack",
        labels: { channel_name: target.channel },
        sensitiveLabels: { authToken: pulumi.secret(target.token) },
      };
    case "webhook":
      // The token is part of the URL, which Google takes as a plain label.
      return { type: "webhook_tokenauth", labels: { url: pulumi.secret(target.url) } };
  }
}
