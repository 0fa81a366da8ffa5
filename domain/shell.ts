/**
 * A text as one word of a POSIX shell, whatever it holds.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_02 (November 2026)
 */
export function word(text: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A value that only the person knows. Where it was not set the shell stops with the hint, before anything is called. */
export function asked(name: string, hint: string): string {
  return `"\${${name}:?${hint}}"`;
}

/** A name as a shell word: itself, or a variable that the person sets to one of several. */
export interface Word {
  readonly text: string;
  readonly isVariable: boolean;
}

/** The only name there is, or a variable for one of many. */
export function oneOf(names: readonly string[], variable: string, hint: string): Word {
  const [first = ""] = names;
  return names.length === 1 ? { text: first, isVariable: false } : { text: asked(variable, hint), isVariable: true };
}

/** A text around a word, as one word of the shell. */
export function around(before: string, { text, isVariable }: Word, after: string): string {
  return isVariable ? `${word(before)}${text}${word(after)}` : word(`${before}${text}${after}`);
}

/** A command of Google's CLI. The words are taken as they are, the flags' values as one word each. */
export function gcloud(words: string, flags: Readonly<Record<string, string>>): string {
  return ["gcloud", words, ...Object.entries(flags).map(([flag, value]) => `--${flag}=${word(value)}`)].join(" ");
}

/** One command for each of some names: `command` gets the word that stands for the name. */
export function forEach(variable: string, names: readonly string[], command: (name: string) => string): string {
  const [first = ""] = names;
  if (names.length === 1) return command(word(first));
  return `for ${variable} in ${names.map(word).join(" ")}; do ${command(`"$${variable}"`)}; done`;
}
