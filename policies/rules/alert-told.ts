import { known, ofTypes, type ResourceRule } from "../rule.ts";
import { ALERT_POLICY } from "../types.ts";
import { isList } from "../value.ts";

export const alertTold: ResourceRule = {
  name: "alert-told",
  title: "Every alert tells somebody",
  level: "mandatory in prod",
  why: "An incident that opens in silence is found by the patients. A channel of one project tells nothing of what fails in another.",
  remedy:
    "Name at least one channel for the alert's project, such as oncall: { email: oncall@example.com } under alerts.channels.",
  from: [24],
  appliesTo: ofTypes(ALERT_POLICY),
  // Names of channels that are still to be made are not known, and how many there are is.
  check: ({ inputs }) => [
    ...known(inputs, "enabled", (enabled) =>
      enabled === false ? [{ problem: "is disabled, and tells nobody.", remedy: "Set enabled: true." }] : [],
    ),
    ...known(inputs, "notificationChannels", (channels) =>
      isList(channels) && channels.length > 0
        ? []
        : [{ problem: "tells nobody: incidents open, and nobody is woken." }],
    ),
  ],
};
