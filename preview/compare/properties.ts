/**
 * What differs between the properties of one resource at two revisions: paths with old and new.
 *
 * A secret is never told, neither old nor new: where either side is one, both are `"[secret]"`. So a value that has just
 * become a secret does not show what it was (pulumi/pulumi#4957).
 */
import {
  isPlainCredential,
  isProperties,
  isSecret,
  isUnknown,
  type MaskedValue,
  masked,
  namesCredential,
  type Properties,
  sameValue,
  type Value,
} from "../resources.ts";

export interface PropertyChange {
  /** `template.template.containers[0].envs["LIVEKIT_URL"].value` */
  readonly path: string;
  /** Absent where it was not there. */
  readonly before?: MaskedValue;
  /** Absent where it is not there any more. */
  readonly after?: MaskedValue;
}

/** Every property that differs, as deep as the two can be compared, in the order of the newer. */
export function changedProperties(before: Value | undefined, after: Value | undefined): readonly PropertyChange[] {
  return changes("", before, after);
}

function changes(path: string, before: Value | undefined, after: Value | undefined): readonly PropertyChange[] {
  if (before !== undefined && after !== undefined && sameValue(before, after)) return [];
  if (isSecret(before) || isSecret(after)) return [differing(path, before, after)];
  if (isProperties(before ?? {}) && isProperties(after ?? {})) return inProperties(path, before, after);
  if (Array.isArray(before ?? []) && Array.isArray(after ?? [])) return inLists(path, before, after);
  const [old, now] = [openedText(before), openedText(after)];
  const sides = Number(before !== undefined) + Number(after !== undefined);
  if (Number(old !== undefined) + Number(now !== undefined) === sides) return changes(path, old, now);
  return [differing(path, before, after)];
}

/** @param secret whether neither is to be told, although neither is marked */
function differing(
  path: string,
  before: Value | undefined,
  after: Value | undefined,
  secret = [before, after].every((side) => side !== undefined) &&
    [before, after].some((side) => holdsSecret(side) || holdsCredential(side)),
): PropertyChange {
  const shown = (value: Value): MaskedValue => (secret ? "[secret]" : masked(value));
  return {
    path,
    ...(before !== undefined && { before: shown(before) }),
    ...(after !== undefined && { after: shown(after) }),
  };
}

function inProperties(path: string, before: Value | undefined, after: Value | undefined): readonly PropertyChange[] {
  const [old, now] = [before ?? {}, after ?? {}].map((value) => (isProperties(value) ? value : {}));
  if (old === undefined || now === undefined) return [];
  const keys = [...new Set([...Object.keys(now), ...Object.keys(old)])];
  // An empty map that comes or goes is a difference too, and has nothing below it.
  if (keys.length === 0) return [differing(path, before, after)];
  const own = (side: typeof old, key: string) => (Object.hasOwn(side, key) ? side[key] : undefined);
  return keys.flatMap((key) => {
    const [was, is] = [own(old, key), own(now, key)];
    return changes(below(path, key), was, is);
  });
}

/** Elements that have a name are compared by it, whatever their order; others by their place; plain values as a whole. */
function inLists(path: string, was: Value | undefined, is: Value | undefined): readonly PropertyChange[] {
  const [before, after] = [was ?? [], is ?? []] as [readonly Value[], readonly Value[]];
  const [old, now] = [byName(before), byName(after)];
  if (old !== undefined && now !== undefined) {
    return [...new Set([...now.keys(), ...old.keys()])].flatMap((name) =>
      inElement(`${path}[${JSON.stringify(name)}]`, old.get(name), now.get(name)),
    );
  }
  if (before.length + after.length === 0 || ![...before, ...after].every(isProperties))
    return [differing(path, was, is)];
  return Array.from({ length: Math.max(before.length, after.length) }, (_, index) => index).flatMap((index) =>
    inElement(`${path}[${index}]`, before[index], after[index]),
  );
}

/**
 * A variable that is plain on one side and comes from Secret Manager on the other, or that is called like a credential:
 * what it was and is stays untold, also where it is JSON.
 */
function inElement(path: string, before: Value | undefined, after: Value | undefined): readonly PropertyChange[] {
  const found = changes(path, before, after);
  const fromSecret = [before, after].filter((side) => isProperties(side) && side.valueSource !== undefined).length;
  const moved = fromSecret === 1 && before !== undefined && after !== undefined;
  if (!moved && ![before, after].some(namesCredential)) return found;
  const inside = ({ path: at }: PropertyChange) => within(at, `${path}.value`);
  if (!found.some(inside)) return found;
  const value = (side: Value | undefined) => (isProperties(side ?? null) ? (side as Properties).value : undefined);
  return [...found.filter((change) => !inside(change)), differing(`${path}.value`, value(before), value(after), true)];
}

/** What an element of a list is called: a variable, a widget, a condition. */
function nameOf(element: Value): string | undefined {
  if (!isProperties(element)) return undefined;
  const { name, displayName, title, widget } = element;
  const found = name ?? displayName ?? title ?? (isProperties(widget) ? widget.title : undefined);
  return typeof found === "string" ? found : undefined;
}

/** @returns undefined where an element has no name of its own */
function byName(list: readonly Value[]): ReadonlyMap<string, Value> | undefined {
  const named = new Map<string, Value>();
  for (const element of list) {
    const name = nameOf(element);
    if (name === undefined || named.has(name)) return undefined;
    named.set(name, element);
  }
  return named;
}

/** A text that is JSON (a dashboard, a calendar), or JSON in base64 (the body of a round), as what it says. */
function openedText(value: Value | undefined): Value | undefined {
  if (typeof value !== "string") return undefined;
  return jsonIn(value) ?? (/^[\w+/]{8,}=*$/.test(value) ? jsonIn(Buffer.from(value, "base64").toString()) : undefined);
}

function jsonIn(text: string): Value | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as Value;
  } catch {
    return undefined;
  }
}

/** Joins as Pulumi writes property paths. */
function below(path: string, key: string): string {
  if (!/^[A-Za-z_]\w*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** True when a path is some other one, or inside of it. */
export function within(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`);
}

function holdsCredential(value: Value | undefined): boolean {
  if (isPlainCredential(value)) return true;
  if (Array.isArray(value)) return value.some(holdsCredential);
  return isProperties(value) && (namesCredential(value) || Object.values(value).some(holdsCredential));
}

function holdsSecret(value: Value | undefined): boolean {
  if (Array.isArray(value)) return value.some(holdsSecret);
  return isSecret(value) || (isProperties(value) && Object.values(value).some(holdsSecret));
}

/** True when anything in a value is known only after `up`. */
export function holdsUnknown(value: Value | undefined): boolean {
  if (isUnknown(value)) return true;
  if (isSecret(value)) return !value.known;
  if (Array.isArray(value)) return value.some(holdsUnknown);
  return isProperties(value) && Object.values(value).some(holdsUnknown);
}
