import { known, type ResourceRule } from "../rule.ts";
import { isWorkload, taskPath } from "../workloads.ts";

export const vpcEgress: ResourceRule = {
  name: "vpc-egress",
  title: "What is attached to a network sends everything through it",
  level: "advisory",
  why: "With private ranges alone, calls to the internet go past the network's firewall and its logs.",
  remedy: "Set vpcAccess.egress to ALL_TRAFFIC.",
  from: [11],
  appliesTo: isWorkload,
  check: (resource) => {
    const path = `${taskPath(resource)}.vpcAccess`;
    return known(resource.inputs, path, (access) =>
      access === undefined
        ? []
        : known(resource.inputs, `${path}.egress`, (egress) =>
            egress === "ALL_TRAFFIC"
              ? []
              : [
                  {
                    problem: `${path}.egress is ${egress === undefined ? "left out" : String(egress)}: only private ranges go through the network.`,
                  },
                ],
          ),
    );
  },
};
