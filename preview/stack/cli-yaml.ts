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

/** What YAML 1.1 takes for the end of a line and YAML 1.2 does not, or what the CLI's parser does not take at all. */
const foreign = /\r(?!\n)|[^\t\n\r -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** The first character of a text that the CLI reads otherwise than everybody else (its readerc.go and yamlprivateh.go). */
export function foreignCharacter(text: string): { readonly line: number; readonly code: string } | undefined {
  const found = foreign.exec(text);
  if (found === null) return undefined;
  const code = found[0].codePointAt(0)?.toString(16).padStart(4, "0") ?? "";
  return { line: text.slice(0, found.index).split("\n").length, code };
}

function readScalar(node: Scalar, source: string): void {
  if (node.tag !== undefined) return; // `!!str 017` says what it is
  node.value = asNumber(source) ?? asMoment(source) ?? node.value;
}

/** Go's ParseInt with any base, and ParseFloat, once the underscores are gone (its resolve.go). */
function asNumber(source: string): number | undefined {
  if (!/^[-+\d]/.test(source)) return undefined;
  const [, sign, digits = ""] = /^([-+]?)(.*)$/s.exec(source.replaceAll("_", "")) ?? [];
  const size = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  const isNumber = /^(0x[\da-f]+|0b[01]+|0o[0-7]+|(\.\d+|\d+(\.\d*)?)(e[-+]?\d+)?)$/i.test(digits);
  if (!isNumber) return undefined;
  return sign === "-" ? -size : size;
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
