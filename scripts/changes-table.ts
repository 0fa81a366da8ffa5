/**
 * The table of changes in docs/changes.md: what an `up` does after each change of a setting. It is written from the rows
 * that the tests play under the real engine, so that no line of it is a promise that nobody has seen kept.
 */
import type { Effects } from "../test/engine/settings/effects.ts";
import type { Row } from "../test/engine/settings/row.ts";
import { settingRows } from "../test/engine/settings/rows.ts";
import { table, withWritten } from "./marked.ts";

/** What several resources are called together: the names of the rows begin with these. */
const kinds: readonly (readonly [begins: RegExp, one: string, several: string])[] = [
  [/^API /, "API", "APIs"],
  [/^repository$/, "repository", "repositories"],
  [/^secret /, "secret", "secrets"],
  [/^version /, "secret's version", "secrets' versions"],
  [/^payload /, "random payload", "random payloads"],
  [/^right of /, "right to read a secret", "rights to read secrets"],
  [/^right to start /, "right to start", "rights to start"],
  [/^right to call /, "right to call", "rights to call"],
  [/^account of /, "account", "accounts"],
  [/^job /, "job", "jobs"],
  [/^start /, "start", "starts"],
  [/^round /, "round", "rounds"],
  [/^metric /, "metric", "metrics"],
  [/^policy /, "alert policy", "alert policies"],
  [/^channel /, "channel", "channels"],
  [/^dashboard /, "dashboard", "dashboards"],
];

/** The page with today's table between its marks. */
export function withChanges(page: string): string {
  return withWritten(page, "table of changes", changesTable(settingRows));
}

/** Markdown: a table for each section of the settings. */
export function changesTable(rows: readonly Row[]): string {
  const sections = Map.groupBy(rows, ({ setting }) => sectionOf(setting));
  return [...sections].map(([section, rows]) => ofSection(section, rows)).join("\n");
}

const ofTheStack = ["gcp:project", "gcp:region", "environment", "protect", "labels"];

function sectionOf(setting: string): string {
  const [section = ""] = setting.split(".");
  return ofTheStack.includes(section) ? "The stack" : `\`${section}\``;
}

function ofSection(section: string, rows: readonly Row[]): string {
  const changes = rows.map((row) => [`\`${row.setting}\``, row.name, outcome(row)]);
  return `### ${section}\n\n${table(["setting", "a change", "what `pulumi up` does"], changes)}`;
}

function outcome(row: Row): string {
  if ("refused" in row) {
    return row.refused.by === "preview"
      ? "**refused**, already by `pulumi preview`"
      : "**fails**; what was done before stays";
  }
  const { created = [], deleted = [], updated = {}, replaced = {} }: Effects = row.effects;
  const parts = [
    told("replaces", Object.keys(replaced)),
    told("deletes", deleted),
    told("creates", created),
    told("changes in place", Object.keys(updated)),
    ...(row.kept ?? []).map(left),
  ];
  return parts.filter((part) => part !== "").join("; ") || "nothing";
}

/** `round noon: paused`; `right of dental-agent-worker to read livekit-url: is not there`. */
function left(difference: string): string {
  const [name = "", what] = difference.split(": ");
  return what === "is not there"
    ? `**loses** the ${name}, which only \`pulumi up --refresh\` notices`
    : `leaves the ${name} ${what}`;
}

/** `replaces 2 starts, job`; what makes people look is set in bold. */
function told(verb: string, names: readonly string[]): string {
  if (names.length === 0) return "";
  const counted = Map.groupBy(names, (name) => kindOf(name));
  const inOrder = kinds.filter((kind) => counted.has(kind));
  const things = inOrder.map((kind) => {
    const [, one, several] = kind;
    const count = counted.get(kind)?.length ?? 0;
    return count === 1 ? one : `${count} ${several}`;
  });
  const shown = verb === "replaces" || verb === "deletes" ? `**${verb}**` : verb;
  return `${shown} ${things.join(", ")}`;
}

function kindOf(name: string): (typeof kinds)[number] {
  const found = kinds.find(([begins]) => begins.test(name));
  if (found === undefined) throw new Error(`changes-table.ts has no word for "${name}"`);
  return found;
}
