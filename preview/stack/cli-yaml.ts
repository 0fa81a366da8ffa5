/**
 * Where the CLI's YAML parser (Go's yaml.v3) reads a plain scalar differently from YAML 1.2: compared with
 * `workspace.LoadProjectStack` of the Pulumi SDK for Go 3.259.0, November 2026. A preview must see what `up` will see.
 */
import { type Document, type Scalar, visit } from "yaml";

/** Changes the document in place. */
export function readAsTheCli(document: Document): void {
  visit(document, {
    Scalar(key, node) {
      if (key !== "key" && node.type === "PLAIN" && node.source !== undefined) readScalar(node, node.source);
    },
  });
}

function readScalar(node: Scalar, source: string): void {
  if (/^[-+]?0[0-7]+$/.test(source)) node.value = Number.parseInt(source, 8);
  else if (/^[-+]?[1-9]\d*_[\d_]*$/.test(source)) node.value = Number(source.replaceAll("_", ""));
  else if (typeof node.value === "string") node.value = asMoment(source) ?? node.value;
}

/** Go's own form of a moment: an unquoted 2026-12-25 reaches the program as "2026-12-25 00:00:00 +0000 UTC". */
function asMoment(source: string): string | undefined {
  const parts =
    /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt]| )(\d{1,2}):(\d{1,2}):(\d{1,2})(\.\d{1,9})?(Z|[-+]\d{2}:\d{2})?)?$/.exec(
      source,
    );
  if (parts === null) return undefined;
  const [, year = "", month = "", day = "", hour = "0", minute = "0", second = "0", fraction = "", zone = "Z"] = parts;
  const pad = (part: string): string => part.padStart(2, "0");
  const date = `${year}-${pad(month)}-${pad(day)}`;
  const time = `${pad(hour)}:${pad(minute)}:${pad(second)}`;
  const there = new Date(`${date}T${time}Z`);
  if (Number.isNaN(there.getTime()) || !there.toISOString().startsWith(date)) return undefined; // no such day
  const offset = zone.replace(":", "");
  return `${date} ${time}${fraction.replace(/\.?0+$/, "")} ${zone === "Z" ? "+0000 UTC" : `${offset} ${offset}`}`;
}
