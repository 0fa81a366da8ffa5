/** An entry of Cloud Logging, as far as our filters look at it. */
export interface LogEntry {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly severity: Severity;
  readonly resource: { readonly type: string; readonly labels: Readonly<Record<string, string>> };
  readonly httpRequest?: Readonly<Record<string, string | number>>;
  readonly jsonPayload?: Readonly<Record<string, string | number>>;
  readonly textPayload?: string;
}

export type Severity = (typeof severities)[number];
const severities = ["DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL"] as const;

/**
 * The part of Logging's query language that our filters use, and nothing beyond it: terms joined by AND, each a quoted
 * text, or a field compared with one quoted value, with one of several, or (the severity) with a name.
 */
export function matcher(filter: string): (entry: LogEntry) => boolean {
  const terms = filter.split(" AND ").map(termMatcher);
  return (entry) => terms.every((matches) => matches(entry));
}

function termMatcher(term: string): (entry: LogEntry) => boolean {
  if (/^"(?:[^"\\]|\\.)*"$/.test(term)) {
    const wanted = (JSON.parse(term) as string).toLowerCase();
    return (entry) => leaves(entry).some((leaf) => leaf.toLowerCase().includes(wanted));
  }
  const level = /^severity(>=|<)([A-Z]+)$/.exec(term);
  if (level !== null) {
    const limit = severities.indexOf(level[2] as Severity);
    if (limit < 0) throw new Error(`no severity: ${term}`);
    return ({ severity }) =>
      level[1] === "<" ? severities.indexOf(severity) < limit : severities.indexOf(severity) >= limit;
  }
  const comparison =
    /^((?:[A-Za-z_]+|"[^"]+")(?:\.(?:[A-Za-z_]+|"[^"]+"))*)(=|:)(?:\((.*)\)|("(?:[^"\\]|\\.)*"))$/.exec(term);
  if (comparison === null) throw new Error(`no filter of ours: ${term}`);
  const [, field = "", operator, several, single] = comparison;
  const values = (several?.split(" OR ") ?? [single ?? ""]).map((text) => JSON.parse(text) as string);
  return (entry) => {
    const found = fieldOf(entry, field);
    if (found === undefined) return false;
    return operator === "="
      ? values.some((value) => String(found).toLowerCase() === value.toLowerCase())
      : values.some((value) => String(found).toLowerCase().includes(value.toLowerCase()));
  };
}

/** The value of a field, its path with quoted parts. */
export function fieldOf(entry: LogEntry, path: string): unknown {
  const names = [...path.matchAll(/"([^"]+)"|([A-Za-z_]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
  return names.reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], entry);
}

function leaves(value: unknown): readonly string[] {
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(leaves) : [String(value)];
}
