import { inPolicy, isGrant } from "../grants.ts";
import { identityOf, membersOf } from "../identities.ts";
import { notYetKnown, type Problem, type StackResource, type StackRule } from "../rule.ts";
import { isHidden, type Value } from "../value.ts";

const EVERYBODY = /\b(?:allUsers|allAuthenticatedUsers)\b|principalSet:\/\/goog\/public:all/;
const PRIVATE_PERSON = /user:[^"\s]*@(gmail|googlemail)\.com/i;

export const noPublicAccess: StackRule = {
  name: "no-public-access",
  title: "No right is given to everybody, or to a private account",
  level: "mandatory",
  why: "Whoever finds the URL could start workers, have patients called, or read secrets; a private account outlives its owner's job.",
  remedy: "Name the service account, or the group, that needs the right.",
  from: [12],
  frameworks: [
    {
      name: "HIPAA Security Rule",
      version: "45 CFR 164",
      reference: "164.312(a)(1)",
      specification: "Allow access only to those persons or software programs that have been granted access rights",
    },
  ],
  checkStack: (resources) =>
    resources
      .filter(({ type }) => isGrant(type))
      .flatMap((resource) =>
        [
          ...membersOf(resource).flatMap(({ member, property }) => memberProblems(member, property, resource)),
          ...inPolicy(resource.inputs, textProblems),
        ].map((problem) => ({ ...problem, resource })),
      ),
};

function memberProblems(member: Value, property: string, resource: StackResource): readonly Problem[] {
  if (typeof member === "string") return textProblems(member);
  // The email of an account of this stack is an account's, whatever it will be.
  if (isHidden(member) && identityOf(member, resource, property) === undefined) return [notYetKnown(property, member)];
  return [];
}

function textProblems(text: string): readonly Problem[] {
  const everybody = EVERYBODY.exec(text)?.[0];
  if (everybody !== undefined) return [{ problem: `gives a right to ${everybody}.` }];
  return PRIVATE_PERSON.test(text) ? [{ problem: "gives a right to a private Google account." }] : [];
}
