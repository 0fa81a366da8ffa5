/** Instructions of a Dockerfile: comments gone, continued lines joined. */
import { readFileSync } from "node:fs";

export interface Instruction {
  readonly name: string;
  readonly text: string;
}

export function instructionsOf(file: string): readonly Instruction[] {
  const joined = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => !/^\s*#/.test(line))
    .join("\n")
    .replaceAll(/\\\n\s*/g, "");
  return [...joined.matchAll(/^([A-Z]+)\s+(.*)$/gm)].map(([, name = "", text = ""]) => ({ name, text }));
}

/** What is copied from the build's context, and where to. */
export function copiedFromContext(file: string): readonly { readonly from: readonly string[]; readonly to: string }[] {
  return instructionsOf(file)
    .filter(({ name, text }) => name === "COPY" && !text.startsWith("--from="))
    .map(({ text }) => text.split(/\s+/))
    .map((words) => ({ from: words.slice(0, -1), to: words.at(-1) ?? "" }));
}
