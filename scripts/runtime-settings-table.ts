/** The tables of docs/runtime-settings.md, from what the runtime reads its environment by. */
import { codes } from "../runtime/commands/help.ts";
import { sections, type Variable } from "../runtime/settings/variables.ts";
import { table, withWritten } from "./marked.ts";

/** The page with today's variables and exit codes between its marks. */
export function withRuntimeSettings(page: string, all = sections): string {
  const exits = table(
    ["code", "of `check`, `campaigns`, `shifts` and of a wrong command line"],
    codes.map(([code, meaning]) => [String(code), meaning]),
  );
  return withWritten(
    withWritten(page, "table of the commands' exit codes", exits),
    "table of runtime settings",
    all.map(section).join("\n"),
  );
}

const heading = ["variable", "what it is", "default", "meaning", "limits", "set by", "example"];

function section({ title, variables }: (typeof sections)[number]): string {
  return `### ${title}\n\n${table(heading, variables.map(row))}`;
}

function row({ name, form, fallback, meaning, setBy, example }: Variable): readonly string[] {
  const code = (text: string | undefined) => (text === undefined ? "" : `\`${text}\``);
  const shown = example.includes("`") ? example : code(example);
  return [code(name), form.kind, code(fallback), meaning, form.limits ?? "", setBy, shown];
}
