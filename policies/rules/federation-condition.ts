import { knownText, ofTypes, type ResourceRule } from "../rule.ts";
import { IDENTITY_PROVIDER } from "../types.ts";

export const federationCondition: ResourceRule = {
  name: "federation-condition",
  title: "A federation takes the tokens of one repository alone",
  level: "mandatory",
  why: "GitHub's tokens come from one issuer for all: without a condition anybody's repository could log in.",
  remedy: "Set attributeCondition to what only your repository has, such as assertion.repository_id == '123'.",
  from: [21],
  appliesTo: ofTypes(IDENTITY_PROVIDER),
  check: ({ inputs }) =>
    knownText(inputs, "attributeCondition", (condition) =>
      /\b(assertion|attribute)\.(repository|repository_id|sub)\b|\bgoogle\.subject\b/.test(condition)
        ? []
        : [
            {
              problem: `attributeCondition ${condition === "" ? "is left out" : "names no repository"}: others could log in.`,
            },
          ],
    ),
};
