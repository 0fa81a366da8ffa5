/**
 * Types that no program of ours declares, and that policies know: only ever previewed, since a policy stops them. What
 * Google makes of them is nobody's business here.
 */
import type { Attributes, ResourceType } from "./resource-type.ts";

const previewed: ResourceType = {
  named: "people",
  id: (inputs: Attributes) => {
    throw new Error(`only a preview knows ${JSON.stringify(inputs)}: add its type to types.ts`);
  },
  replacedBy: {},
  keeps: {},
  computed: {},
};

export const previewedTypes: Readonly<Record<string, ResourceType>> = Object.fromEntries(
  [
    "gcp:cloudrunv2/service:Service",
    "gcp:projects/iAMMember:IAMMember",
    "gcp:serviceaccount/key:Key",
    "gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider",
  ].map((type) => [type, previewed]),
);
