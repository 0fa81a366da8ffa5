import { knownText, ofTypes, type ResourceRule } from "../rule.ts";
import { IDENTITY_PROVIDER } from "../types.ts";

const NAMED = String.raw`(?:(?:assertion|attribute)\.(?:repository|repository_id|sub)|google\.subject)`;
const SUBJECT = String.raw`(?:(?:assertion|attribute)\.sub|google\.subject)`;
const TEXT = /'[^'\\]*'|"[^"\\]*"/g;
const GIVEN = String.raw`(?:'[^'\\]+'|"[^"\\]+")`;
/** What holds for one repository alone: it is the one, or the subject begins with the whole of its name. */
const ONE_REPOSITORY: readonly RegExp[] = [
  new RegExp(`^(?:${NAMED} *== *${GIVEN}|${GIVEN} *== *${NAMED})$`),
  new RegExp(String.raw`^${SUBJECT}\.startsWith\( *(['"])repo:[^/'":]+/[^/'":]+:[^'"]*\1 *\)$`),
];

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
      isOfOneRepository(condition)
        ? []
        : [
            {
              problem: `attributeCondition ${condition === "" ? "is left out" : "does not name the one repository"}: others could log in.`,
            },
          ],
    ),
};

/** Each part of an `&&` must hold; of an `||`, a choice or a comment nobody here says what holds. */
function isOfOneRepository(condition: string): boolean {
  if (/\|\||\?|\/\//.test(condition.replace(TEXT, "''"))) return false;
  const parts = condition.replace(TEXT, (text) => text.replaceAll("&", " ")).split("&&");
  return parts.some((part) => ONE_REPOSITORY.some((form) => form.test(withoutBrackets(part.trim()))));
}

function withoutBrackets(part: string): string {
  const inner = /^\(([^()]*(?:\([^()]*\)[^()]*)*)\)$/.exec(part)?.[1];
  return inner === undefined ? part : withoutBrackets(inner.trim());
}
