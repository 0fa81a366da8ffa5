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

/** One part of an `&&` is enough; where there is a choice, or a comment, nobody here says what holds. */
function isOfOneRepository(condition: string): boolean {
  const outside = outsideOf(condition);
  if (/\|\||\?|\/\//.test(outside)) return false;
  const ends = [...outside.matchAll(/&&|$/g)].map(({ index }) => index);
  return ends.some((end, at) => {
    const part = condition.slice(at === 0 ? 0 : (ends[at - 1] ?? 0) + 2, end).trim();
    if (ONE_REPOSITORY.some((form) => form.test(part))) return true;
    const isInBrackets = part.startsWith("(") && outsideOf(part).trim() === "";
    return isInBrackets && isOfOneRepository(part.slice(1, -1));
  });
}

/** The text with blanks for its literals, and for what is in brackets: each character stays where it is. */
function outsideOf(text: string): string {
  const blank = (part: string) => " ".repeat(part.length);
  let outside = text.replace(TEXT, blank);
  for (let before = ""; before !== outside; ) {
    before = outside;
    outside = outside.replace(/\([^()]*\)/g, blank);
  }
  return outside;
}
