import { exitCode } from "../exit-codes.ts";
import { sections } from "../settings/variables.ts";

const commands: readonly (readonly [string, string])[] = [
  ["agent-runtime -- COMMAND …", "supervise a worker: agent-runtime -- python worker_main.py"],
  [
    "agent-runtime check [-- COMMAND …]",
    "look at environment, command and database (making indexes that are missing), and start nothing",
  ],
  ["agent-runtime campaigns", "who has which campaign, and how far it is"],
  ["  --status STATUS,…", "only these, or all; without it those that are not over"],
  ["  --limit ROWS", "at most so many; 50 without it"],
  ["agent-runtime shifts", "the latest shifts, and who has them"],
  ["  --limit ROWS", "at most so many; 50 without it"],
  ["agent-runtime --help, --version", "this text; which runtime this is"],
];

/** Of check, campaigns and shifts. */
export const codes: readonly (readonly [number, string])[] = [
  [exitCode.ok, "all is well"],
  [exitCode.usage, "the command line is wrong"],
  [exitCode.settings, "the environment is wrong, or the worker's command is not there"],
  [exitCode.unavailable, "the database does not answer, or refuses"],
];

/** The text of --help. */
export function helpText(): string {
  return [
    "Keeps a voice agent's worker running for a shift, and its campaigns with exactly one owner.",
    "",
    ...aligned(commands),
    "",
    "Settings are variables of the environment; durations are 30s, 2h or 1h30m, bare numbers are seconds.",
    ...sections.flatMap(({ title, variables }) => [
      "",
      title,
      ...variables.flatMap(({ name, meaning, fallback }) => [
        `  ${name}${fallback === undefined ? "" : ` (${fallback})`}`,
        `      ${meaning.replaceAll("`", "")}`,
      ]),
    ]),
    "",
    "Exit codes of check, campaigns and shifts; a supervised run has codes of its own, see docs/runtime.md",
    ...aligned(codes.map(([code, meaning]) => [String(code), meaning])),
    "",
  ].join("\n");
}

function aligned(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd());
}
