/** What measurements say of the bars, and how people read it. */
import { table } from "../../marked.ts";
import { median } from "../statistics.ts";
import {
  type Bar,
  type Measure,
  type Measured,
  type MeasureName,
  measures,
  type Results,
  type Unit,
} from "./measures.ts";

export type Verdict = "held" | "missed" | "not measured";

export interface Row {
  readonly what: string;
  readonly measured: string;
  readonly bar: string;
  /** Undefined where there is no bar. */
  readonly verdict: Verdict | undefined;
}

/** @param judged whether the bars count: with tiny sizes they do not */
export function rowsOf(results: Results, judged = true): readonly Row[] {
  const names = Object.keys(measures) as readonly MeasureName[];
  return names.flatMap((name) => {
    const measured = results[name];
    return measured === undefined ? [] : [rowOf(measures[name], measured, judged)];
  });
}

export function rowOf({ what, unit, bar }: Measure, measured: Measured, judged = true): Row {
  const shown = bar === undefined ? "" : barText(bar, unit);
  const counts = bar !== undefined && judged;
  if (!isRepeats(measured)) {
    return { what, measured: measured.missing, bar: shown, verdict: counts ? "not measured" : undefined };
  }
  return {
    what,
    measured: measuredText(measured, unit),
    bar: shown,
    verdict: counts ? verdictOf(measured, bar) : undefined,
  };
}

/** Nothing, and what is no number, holds no bar. */
export function verdictOf(repeats: readonly number[], { most, least, of }: Bar): Verdict {
  if (repeats.length === 0) return "not measured";
  const value = of === "median" ? median(repeats) : least === undefined ? Math.max(...repeats) : Math.min(...repeats);
  return value <= (most ?? Number.POSITIVE_INFINITY) && value >= (least ?? Number.NEGATIVE_INFINITY)
    ? "held"
    : "missed";
}

/** Whether every bar of these was measured and held. */
export function allHeld(rows: readonly Row[]): boolean {
  return rows.every(({ verdict }) => verdict === undefined || verdict === "held");
}

const head = ["what", "measured: median (least to greatest, repeats)", "bar", ""];
const cells = ({ what, measured, bar, verdict }: Row) => [what, measured, bar, verdict ?? ""];

export function markdownOf(rows: readonly Row[]): string {
  const bold = (row: Row) => (row.verdict === "missed" ? `**${row.verdict}**` : (row.verdict ?? ""));
  return table(
    head,
    rows.map((row) => [...cells(row).slice(0, -1), bold(row)]),
  );
}

export function textOf(rows: readonly Row[]): string {
  const lines = [head, ...rows.map(cells)];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function isRepeats(measured: Measured): measured is readonly number[] {
  return Array.isArray(measured);
}

function measuredText(repeats: readonly number[], unit: Unit): string {
  if (repeats.length === 0) return "nothing was measured";
  const middle = quantity(median(repeats), unit);
  if (repeats.length === 1) return middle;
  return `${middle} (${figure(Math.min(...repeats), unit)} to ${figure(Math.max(...repeats), unit)}, ${repeats.length})`;
}

function barText({ most, least, of }: Bar, unit: Unit): string {
  const limit = most === undefined ? `at least ${shortest(least ?? 0, unit)}` : `at most ${shortest(most, unit)}`;
  return of === "worst" ? `${limit}, always` : limit;
}

const shortest = (value: number, unit: Unit): string => withUnit(String(value), unit);
const quantity = (value: number, unit: Unit): string => withUnit(figure(value, unit), unit);
const withUnit = (figure: string, unit: Unit): string => (unit === "/s" ? `${figure}/s` : `${figure} ${unit}`);

/** Three significant digits, and no more of a large number than its whole part. */
function figure(value: number, unit: Unit): string {
  if (unit === "B" || Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}
