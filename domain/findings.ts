/** One thing to say about the settings: where, what is wrong with the value given and why, and the way out. */
export interface Finding {
  /** Dotted path as written in the stack file, for example `workers.dental-agent-worker.memory`. */
  readonly path: string;
  /** What is wrong with the given value, its limit and the reason. One or two sentences. */
  readonly problem: string;
  /** What to do instead. */
  readonly remedy: string;
}

/**
 * Everything that is wrong with a set of arguments or settings, at once, in the order of the paths.
 *
 * Carries only findings, so that whoever shows it never needs the stack trace.
 */
export class FindingsError extends Error {
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[]) {
    const sorted = [...findings].sort((a, b) => a.path.localeCompare(b.path, "en", { numeric: true }));
    super(describe(sorted));
    this.name = "FindingsError";
    this.findings = sorted;
  }
}

/** Columns that a path may take before its text starts on a line of its own. */
const PATH_COLUMNS = 48;

/**
 * Findings as aligned text: the path, and beside it what is wrong and the way out.
 *
 * @param width columns of the terminal; longer lines go on below their own beginning
 */
export function describe(all: readonly Finding[], width = 160): string {
  const findings = all.map(({ path, problem, remedy }) => ({
    path: visible(path),
    problem: visible(problem),
    remedy: visible(remedy),
  }));
  const fitting = findings.map(({ path }) => path.length).filter((length) => length <= PATH_COLUMNS);
  const column = Math.max(0, ...fitting);
  const indent = " ".repeat(column + 4);
  return findings
    .map(({ path, problem, remedy }) => {
      const lines = wrap(`${problem} ${remedy}`, Math.max(40, width - indent.length));
      const text = lines.join(`\n${indent}`);
      return path.length > column ? `  ${path}\n${indent}${text}` : `  ${path.padEnd(column)}  ${text}`;
    })
    .join("\n");
}

/**
 * A text for one line, with what a terminal obeys, or what turns the direction of writing, written out (`\u001b`): a key
 * of the settings may hold it, to move the cursor, forge a line or rename the window of whoever reads.
 */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (char) => `\\u${char.codePointAt(0)?.toString(16).padStart(4, "0")}`);
}

/** Lines of at most `width`, broken between words. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}

/** "1 problem", "3 problems". */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}

/** The message a program ends with when its settings cannot be deployed. */
export function refusal(what: string, findings: readonly Finding[], width?: number): string {
  return `${what} cannot be deployed: ${count(findings.length, "problem")}\n\n${describe(findings, width)}\n`;
}

/** A given text inside a finding: quoted, and cut when it is long. Never for what may be a secret. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text);
}

/** `join("workers.a", "cpu")` is `workers.a.cpu`; empty parts are left out. */
export function join(...parts: readonly (string | number)[]): string {
  return parts.filter((part) => part !== "").join(".");
}
