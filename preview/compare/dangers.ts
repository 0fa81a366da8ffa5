/** What a reviewer must not overlook: what is replaced, deleted, no longer protected, or open to everybody. */
import { count } from "../../domain/findings.ts";
import { plural } from "../report/words.ts";
import type { DeclaredStack } from "../resources.ts";
import { everybodyInWords, openedToEverybody, verbOf } from "./access.ts";
import { watchOf } from "./alerts.ts";
import type { ResourceChange } from "./resources.ts";
import { listed } from "./sentence.ts";

export interface Danger {
  readonly kind:
    | "policy"
    | "refused"
    | "abandoned"
    | "replace"
    | "same-thing"
    | "unprotect"
    | "delete"
    | "everybody"
    | "not-known";
  readonly text: string;
  /** Of the resources that it is about. */
  readonly urns: readonly string[];
}

/** Names that a sentence lists before it only counts. */
const NAMED = 5;

export function dangersOf(
  changes: readonly ResourceChange[],
  before: DeclaredStack | undefined,
  after: DeclaredStack | undefined,
): readonly Danger[] {
  const things = changes.filter(({ custom }) => custom);
  const gone = things
    .filter(({ step, outlives, wasProtected }) => step === "delete" && !outlives && !wasProtected)
    .filter(notReplacedAlert(things));
  return [
    ...things
      .filter(({ step, wasProtected }) => wasProtected && (step === "delete" || step === "replace"))
      .map(refused),
    ...things.filter(({ step }) => step === "replace").map(replaced),
    ...things.flatMap(({ step, ...change }) => (step === "create" ? madeTwice(change) : [])),
    ...unprotected(things),
    ...[...Map.groupBy(gone, ({ kind }) => kind).values()].map(deleted),
    ...openedToEverybody(before, after).map(
      ({ member, role, target }): Danger => ({
        kind: "everybody",
        text: `${everybodyInWords(member)} may ${verbOf(role)} ${target}.`,
        urns: [],
      }),
    ),
    ...typesNotKnown(things),
  ];
}

/** A stack without a file: nobody deploys it any more, and nothing that it has deployed goes. */
export function abandoned(changes: readonly ResourceChange[]): Danger {
  const things = changes.filter(({ custom }) => custom);
  const text = `Nothing is deleted by this: ${count(things.length, "resource")} ${things.length === 1 ? "goes" : "go"} on at Google, calling and answering, with nobody to look after them. Destroy the stack first (\`pulumi destroy\`), then take its file away.`;
  return { kind: "abandoned", text, urns: things.map(({ urn }) => urn) };
}

/** An alert of which another takes the place, for other hours, is not missed. */
function notReplacedAlert(things: readonly ResourceChange[]): (change: ResourceChange) => boolean {
  const alert = "alert policy";
  const made = new Set(
    things.filter(({ step, kind }) => step === "create" && kind === alert).map(({ label }) => watchOf(label)),
  );
  return ({ kind, label }) => kind !== alert || !made.has(watchOf(label));
}

/** `a, b and c`, `a, b, c, d, e and 7 more`. */
function named(names: readonly string[]): string {
  const more = names.length - NAMED;
  return more > 0 ? `${names.slice(0, NAMED).join(", ")} and ${more} more` : listed(names);
}

const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const of = ({ kind, label }: Pick<ResourceChange, "kind" | "label">): string => `${kind} ${label}`;

function refused(change: ResourceChange): Danger {
  const verb = change.step === "delete" ? "delete" : "replace";
  return {
    kind: "refused",
    text: `\`up\` will refuse to ${verb} ${of(change)}: it is protected. Lift the protection first, in a change of its own.`,
    urns: [change.urn],
  };
}

function replaced(change: ResourceChange): Danger {
  const reasons = change.properties.filter(({ replaces }) => replaces).map(({ path }) => path);
  const gap = change.deletesFirst ? " It is deleted first: for a moment there is none." : "";
  const because = `${listed(reasons)} cannot be changed in place`;
  return { kind: "replace", text: `${upper(of(change))} is replaced: ${because}.${gap}`, urns: [change.urn] };
}

function madeTwice({ urn, kind, label, sameThing }: Omit<ResourceChange, "step">): readonly Danger[] {
  if (sameThing === undefined) return [];
  const what = `${upper(kind)} ${label} is deleted under one name of the program and made under another`;
  const why =
    kind === "grant"
      ? "Google keeps one grant for a role and member: deleting the old one takes the new one away"
      : "Google refuses the new one while the old one is there";
  return [{ kind: "same-thing", text: `${what}. ${why}. Give it an alias.`, urns: [urn, sameThing] }];
}

/** Those that lose the same together: it is often everything at once. */
function unprotected(changes: readonly ResourceChange[]): readonly Danger[] {
  return [...Map.groupBy(changes, lifted)].flatMap(([what, those]): readonly Danger[] => {
    if (what === "") return [];
    const text = `${upper(named(those.map(of)))} ${those.length === 1 ? "loses" : "lose"} ${what}.`;
    return [{ kind: "unprotect", text, urns: those.map(({ urn }) => urn) }];
  });
}

function lifted({ step, options, properties }: ResourceChange): string {
  const option = options.find(({ option }) => option === "protect");
  const input = properties.find(({ path }) => path === "deletionProtection");
  return listed([
    ...(option?.after === false ? ["Pulumi's protection"] : []),
    ...(step === "update" && input?.after === false ? ["Google's deletion protection"] : []),
  ]);
}

function deleted(changes: readonly ResourceChange[]): Danger {
  const [first] = changes;
  const kind = first?.kind ?? "resource";
  const names = named(changes.map(({ label }) => label));
  const text =
    changes.length === 1
      ? `${upper(kind)} ${names} is deleted.`
      : `${changes.length} ${plural(kind)} are deleted: ${names}.`;
  return { kind: "delete", text, urns: changes.map(({ urn }) => urn) };
}

function typesNotKnown(things: readonly ResourceChange[]): readonly Danger[] {
  const unknown = things.filter(({ typeUnknown }) => typeUnknown);
  if (unknown.length === 0) return [];
  const types = [...new Set(unknown.map(({ type }) => type))].sort();
  const text = `${count(unknown.length, "changed resource")} may be replaced: what replaces ${types.join(", ")} is not known here.`;
  return [{ kind: "not-known", text, urns: unknown.map(({ urn }) => urn) }];
}
