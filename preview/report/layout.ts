import { styleText } from "node:util";
import stringWidth from "string-width";

/** How a text report is drawn. */
export interface Paper {
  /** Columns. */
  readonly width: number;
  readonly colour: boolean;
}

type Style = Parameters<typeof styleText>[0];

/** Colours a text, where there is colour; it is never the only sign. */
export function paint(paper: Paper, style: Style, text: string): string {
  return paper.colour && text !== "" ? styleText(style, text, { validateStream: false }) : text;
}

/**
 * Breaks a text at spaces; it keeps its own indentation, and lines after the first are indented by `hang`.
 * A word longer than a line stays whole.
 */
export function wrap(text: string, width: number, hang = 0): readonly string[] {
  const lines: string[] = [];
  const [, indent = "", words = ""] = /^( *)(.*)$/s.exec(text) ?? [];
  let line = "";
  for (const [index, each] of words.split(" ").entries()) {
    const word = index === 0 ? indent + each : each;
    const room = width - (lines.length === 0 ? 0 : hang);
    if (line === "") line = word;
    else if (stringWidth(line) + 1 + stringWidth(word) <= room) line = `${line} ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  lines.push(line);
  return lines.map((each, index) => (index === 0 ? each : " ".repeat(hang) + each));
}

/** One space-aligned line a row: all columns but the last as wide as their widest cell, the last wrapped. */
export function columns(rows: readonly (readonly string[])[], paper: Paper, indent = 2): readonly string[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: Math.max(0, count - 1) }, (_, column) =>
    Math.max(0, ...rows.map((row) => (column < row.length - 1 ? stringWidth(row[column] ?? "") : 0))),
  );
  return rows.flatMap((row) => {
    const cells = row
      .slice(0, -1)
      .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - stringWidth(cell) + 2));
    const head = " ".repeat(indent) + cells.join("");
    const hang = stringWidth(head);
    const [first = "", ...more] = wrap(row.at(-1) ?? "", Math.max(20, paper.width - hang));
    return [`${head}${first}`.trimEnd(), ...more.map((line) => " ".repeat(hang) + line)];
  });
}

/** As `columns`, with the named columns aligned to the right: amounts of money. */
export function alignedRight(
  rows: readonly (readonly string[])[],
  right: readonly number[],
): readonly (readonly string[])[] {
  return rows.map((row) =>
    row.map((cell, column) => {
      if (!right.includes(column)) return cell;
      const width = Math.max(...rows.map((other) => stringWidth(other[column] ?? "")));
      return " ".repeat(width - stringWidth(cell)) + cell;
    }),
  );
}

/** A heading with the space around it that it needs. */
export function heading(paper: Paper, text: string): readonly string[] {
  return ["", paint(paper, "bold", text)];
}
