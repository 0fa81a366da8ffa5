import { tokenFor } from "../../domain/target.ts";
import { known, knownText, ofTypes, type Problem, type ResourceRule } from "../rule.ts";
import { SCHEDULER_JOB } from "../types.ts";
import { isMap, type Properties } from "../value.ts";

export const schedulerToken: ResourceRule = {
  name: "scheduler-token",
  title: "A scheduled call carries the one token that its target takes",
  level: "mandatory",
  why: "Google's APIs take OAuth, services OIDC with their origin as audience. Any other way each call is answered with 401 or 403, and nobody starts the worker.",
  remedy: "For *.googleapis.com give oauthToken; for everything else oidcToken, with the URL's origin as audience.",
  from: [14],
  appliesTo: ofTypes(SCHEDULER_JOB),
  check: ({ inputs }) =>
    known(inputs, "httpTarget", (target) =>
      isMap(target) ? knownText(target, "uri", (uri) => (URL.canParse(uri) ? tokenProblems(target, uri) : [])) : [],
    ),
};

/** A URI that is none is found by scheduler-uri. */
function tokenProblems(target: Properties, uri: string): readonly Problem[] {
  const expected = tokenFor(uri);
  return known(target, "oauthToken", (oauth) =>
    known(target, "oidcToken", (oidc) => {
      if (oauth === undefined && oidc === undefined) return [{ problem: "the call carries no token." }];
      if (oauth !== undefined && oidc !== undefined)
        return [{ problem: "the call has two tokens, and Cloud Scheduler takes one." }];
      const given = oauth === undefined ? "oidc" : "oauth";
      if (given !== expected.kind)
        return [
          {
            problem: `the call to ${new URL(uri).host} carries ${words[given]}, and that takes ${words[expected.kind]}.`,
          },
        ];
      if (expected.kind === "oauth") return [];
      return known(target, "oidcToken.audience", (audience) =>
        audience === expected.audience
          ? []
          : [
              {
                // Not what is there: an address may hold more than it should.
                problem: `the audience ${audience === undefined ? "is left out" : "is not the service's origin"}: ${expected.audience}.`,
              },
            ],
      );
    }),
  );
}

const words = { oauth: "an OAuth token", oidc: "an OIDC token" } as const;
