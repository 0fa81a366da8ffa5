import { known, ofTypes, type ResourceRule } from "../rule.ts";
import { SERVICE } from "../types.ts";

export const serviceIngress: ResourceRule = {
  name: "service-ingress",
  title: "A service asks who calls, and is not open to the whole internet",
  level: "mandatory",
  why: "Our stacks have no service yet; one that phones patients must not be called by whoever finds it.",
  remedy:
    "Leave invokerIamDisabled out, and set ingress to INGRESS_TRAFFIC_INTERNAL_ONLY, or allow the service by its name.",
  from: [13],
  parameters: {
    open: { default: [], meaning: "Names of services that may be reached from everywhere; they still ask who calls" },
  },
  appliesTo: ofTypes(SERVICE),
  check: ({ inputs, name }, { parameters: { open = [] } }) => [
    ...known(inputs, "invokerIamDisabled", (off) =>
      off === true ? [{ problem: "invokerIamDisabled is true: it does not ask who calls." }] : [],
    ),
    ...known(inputs, "ingress", (ingress) =>
      open.includes(name) || (ingress !== undefined && ingress !== "INGRESS_TRAFFIC_ALL")
        ? []
        : [{ problem: `ingress is ${ingress === undefined ? "left out" : ingress}: it is reached from everywhere.` }],
    ),
  ],
};
