/** The tables of docs/runtime-settings.md, from what the runtime reads its environment by. */
import { sections, type Variable } from "../runtime/settings/variables.ts";
import { tableRow, withWritten } from "./marked.ts";

/** The page with today's variables between its marks. */
export function withRuntimeSettings(page: string, all = sections): string {
  return withWritten(page, "table of runtime settings", all.map(table).join("\n"));
}

function table({ title, variables }: (typeof sections)[number]): string {
  return [
    `### ${title}`,
    "",
    "| variable | what it is | default | meaning | limits | set by | example |",
    "|---|---|---|---|---|---|---|",
    ...variables.map(row),
    "",
  ].join("\n");
}

function row({ name, form, fallback, meaning, setBy, example }: Variable): string {
  const code = (text: string | undefined) => (text === undefined ? "" : `\`${text}\``);
  const shown = example.includes("`") ? example : code(example);
  return tableRow([code(name), form.kind, code(fallback), meaning, form.limits ?? "", setBy, shown]);
}
