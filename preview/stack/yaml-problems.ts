/**
 * What is wrong with a file that is no YAML, in words of our own: the parser's repeat the file's text, in which a secret
 * may stand that somebody has pasted.
 */
import type { ErrorCode } from "yaml";
import { looksLikeKey } from "../../policies/credentials.ts";

const QUOTES = "Put the value in quotes.";

const words: Readonly<Record<Exclude<ErrorCode, "DUPLICATE_KEY">, string>> = {
  ALIAS_PROPS: `a value that begins with * is an alias, which can have no tag and no anchor. ${QUOTES}`,
  BAD_ALIAS: `an alias or anchor has no name, or one that ends in a colon. ${QUOTES}`,
  BAD_COLLECTION_TYPE: `a tag (!…) does not fit what it stands before. ${QUOTES}`,
  BAD_DIRECTIVE: `a line that begins with % is a directive, and this is none. ${QUOTES}`,
  BAD_DQ_ESCAPE: "a backslash in double quotes has no such meaning. Write two, or use single quotes.",
  BAD_INDENT: "a line is not indented as those that it belongs to.",
  BAD_PROP_ORDER: `a tag (!…) or an anchor (&…) stands in the wrong place. ${QUOTES}`,
  BAD_SCALAR_START: `a value begins with a character that means something else to YAML, such as @, %, | or \`. ${QUOTES}`,
  BLOCK_AS_IMPLICIT_KEY: `there are two colons in one line, or a list before one. ${QUOTES}`,
  BLOCK_IN_FLOW: "what is in brackets or braces goes on without them.",
  IMPOSSIBLE: `its form cannot be made out. ${QUOTES}`,
  KEY_OVER_1024_CHARS: `a key has more than 1024 characters. ${QUOTES}`,
  MISSING_CHAR: "a quote, a bracket, a comma, a space or a colon is missing.",
  MULTILINE_IMPLICIT_KEY:
    "a line without a colon is taken for the beginning of a key. A key has one line, with a colon.",
  MULTIPLE_ANCHORS: `a value has two anchors (&…). ${QUOTES}`,
  MULTIPLE_DOCS: "there are several documents in it, with --- between them: only one is read.",
  MULTIPLE_TAGS: `a value has two tags (!…). ${QUOTES}`,
  NON_STRING_KEY: `a key is no text. Put the key in quotes.`,
  RESOURCE_EXHAUSTION: "it is nested too deeply.",
  TAB_AS_INDENT: "a line is indented with a tab. Use spaces.",
  TAG_RESOLVE_FAILED: `a value that begins with ! is a tag, and there is no such tag. ${QUOTES}`,
  UNEXPECTED_TOKEN: `something stands where nothing can: after a value, or after | or >, which begin a text on the next line. ${QUOTES}`,
};

/** @param offset where the parser found it */
export function problemIn(text: string, code: ErrorCode, offset: number): string {
  if (code !== "DUPLICATE_KEY") return `is not valid YAML: ${words[code] ?? words.IMPOSSIBLE}`;
  const key = /^[^\n]*?(?=:(\s|$)|\n|$)/.exec(text.slice(offset))?.[0]?.trim() ?? "";
  const shown = /^["']?[\w.:/-]{1,60}["']?$/.test(key) && !looksLikeKey(key);
  return `${shown ? `"${key}"` : "a key"} is given twice in one mapping; only one of them can hold`;
}
