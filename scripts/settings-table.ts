/** The table of settings in docs/settings.md, from the schema that reads them. */
import { z } from "zod";
import { settingsSchema } from "../domain/settings/settings.ts";
import { core, layers, writtenAs } from "../domain/settings/written.ts";
import { table, withWritten } from "./marked.ts";

interface Row {
  readonly path: string;
  readonly kind: string;
  readonly fallback: string;
  readonly meaning: string;
  readonly limits: string;
}

/** The page with the table of today's schema between its marks. */
export function withTable(page: string, schema: z.ZodObject = settingsSchema): string {
  return withWritten(page, "table of settings", settingsTable(schema));
}

/** Markdown: one table for each section, and one for what belongs to the whole stack. */
export function settingsTable(schema: z.ZodObject): string {
  const entries = Object.entries(schema.shape).map(([name, field]) => ({ name, field: field as z.ZodType }));
  const sections = entries.filter(({ field }) => core(field) instanceof z.ZodObject || hasKeys(field));
  const whole = entries.filter((entry) => !sections.includes(entry));
  return [
    section(
      "The stack",
      "",
      whole.flatMap(({ name, field }) => rows(name, field)),
    ),
    ...sections.map(({ name, field }) => section(`\`${name}\``, meaningOf(field), below(name, field))),
  ].join("\n");
}

function hasKeys(schema: z.ZodType): boolean {
  const inner = core(schema);
  return inner instanceof z.ZodRecord && core(inner.valueType as z.ZodType) instanceof z.ZodObject;
}

function section(title: string, meaning: string, rows: readonly Row[]): string {
  const lines = rows.map(({ path, kind, fallback, meaning, limits }) => [
    `\`${path}\``,
    kind,
    fallback,
    meaning,
    limits,
  ]);
  const settings = table(["setting", "what it is", "default", "meaning", "limits"], lines);
  return [`### ${title}`, "", ...(meaning === "" ? [] : [meaning, ""]), settings].join("\n");
}

/** A setting, and the settings below it. */
function rows(path: string, schema: z.ZodType): readonly Row[] {
  const inner = core(schema);
  const scalarsByKey = inner instanceof z.ZodRecord && !hasKeys(schema);
  const value = scalarsByKey ? (inner.valueType as z.ZodType) : schema;
  const meaning = meaningOf(schema);
  const row = {
    path: scalarsByKey ? `${path}.KEY` : path,
    kind: kindOf(value),
    fallback: fallbackOf(schema),
    meaning,
    limits: limitsOf(value),
  };
  return [...(meaning === "" ? [] : [row]), ...below(path, schema)];
}

function below(path: string, schema: z.ZodType): readonly Row[] {
  const inner = core(schema);
  if (inner instanceof z.ZodObject) {
    return Object.entries(inner.shape).flatMap(([name, field]) => rows(`${path}.${name}`, field as z.ZodType));
  }
  if (inner instanceof z.ZodRecord && hasKeys(schema)) return rows(`${path}.KEY`, inner.valueType as z.ZodType);
  return [];
}

function kindOf(schema: z.ZodType): string {
  const inner = core(schema);
  if (inner instanceof z.ZodEnum) return inner.options.map((option) => `\`${option}\``).join(" or ");
  if (inner instanceof z.ZodBoolean) return "`true` or `false`";
  const kind = writtenAs(schema)?.kind.replace(/^an? /, "");
  if (kind !== undefined) return kind;
  if (inner instanceof z.ZodArray) return `list, each: ${kindOf(inner.element as z.ZodType)}`;
  return inner instanceof z.ZodString ? "text" : "map";
}

function limitsOf(schema: z.ZodType): string {
  const inner = core(schema);
  const limits = writtenAs(schema)?.limits ?? "";
  return limits === "" && inner instanceof z.ZodArray ? limitsOf(inner.element as z.ZodType) : limits;
}

function meaningOf(schema: z.ZodType): string {
  return layers(schema).find(({ description }) => description !== undefined)?.description ?? "";
}

function fallbackOf(schema: z.ZodType): string {
  for (const layer of layers(schema)) {
    if (layer instanceof z.ZodOptional) return "";
    if (layer instanceof z.ZodDefault || layer instanceof z.ZodPrefault) {
      const value: unknown = layer.def.defaultValue;
      return typeof value === "object" ? "" : `\`${String(value)}\``;
    }
  }
  return "**required**";
}
