/** A page of which people write one part, and a command the other: what stands between two marks. */

/**
 * @param what as the mark names it: `table of settings`
 * @param by the command that writes it
 * @throws where the page has no such marks
 */
export function withWritten(page: string, what: string, text: string, by = "npm run docs"): string {
  const begin = `<!-- ${what}: written by \`${by}\` -->`;
  const end = `<!-- end of the ${what} -->`;
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`the page has no marks: ${begin} and ${end}`);
  return `${before}${begin}\n\n${text}\n${end}${after}`;
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [tableRow(head), `|${"---|".repeat(head.length)}`, ...rows.map(tableRow), ""].join("\n");
}

/** Cells as a row of a Markdown table. */
const tableRow = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
