import { tokenFor } from "../../domain/target.ts";
import { known, knownText, ofTypes, type ResourceRule } from "../rule.ts";
import { SCHEDULER_JOB } from "../types.ts";

export const retriesRepeatCalls: ResourceRule = {
  name: "retries-repeat-calls",
  title: "Only a service that is declared idempotent is called again after a failure",
  level: "advisory",
  why: "A retry follows every failure, also where the agent has called patients and only its answer was lost.",
  remedy: "Set service.idempotent: true once it answers a repeat without calling, or retry.count: 0.",
  from: [17],
  appliesTo: ofTypes(SCHEDULER_JOB),
  check: ({ inputs }, { idempotentServices }) =>
    known(inputs, "retryConfig.retryCount", (retries) => {
      if (typeof retries !== "number" || retries === 0) return [];
      return knownText(inputs, "httpTarget.uri", (uri) => {
        const token = URL.canParse(uri) ? tokenFor(uri) : undefined;
        // Google's own APIs start an execution, of which a second leaves by itself.
        if (token?.kind !== "oidc" || idempotentServices.includes(token.audience)) return [];
        return [
          {
            problem: `${retries} retries, towards a service that is not declared idempotent: each retry may call the same patients again.`,
          },
        ];
      });
    }),
};
