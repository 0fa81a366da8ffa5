import type { Coverage, Segment, SegmentKind } from "../../domain/coverage.ts";
import { DAY, formatDays, formatTime, type Minutes } from "../../domain/week.ts";
import { type Paper, paint, wrap } from "./layout.ts";

/** How each part of a day is drawn. Letters and shades differ too, so that colour is never needed. */
const ink: Readonly<Record<SegmentKind, { readonly sign: string; readonly style: "green" | "yellow" | "gray" }>> = {
  open: { sign: "█", style: "green" },
  between: { sign: "▓", style: "yellow" },
  lead: { sign: "░", style: "yellow" },
  drain: { sign: "▒", style: "yellow" },
  closed: { sign: "·", style: "gray" },
};

/** Where two share a cell equally, the one that matters more to a caller is drawn. */
const order: readonly SegmentKind[] = ["open", "between", "lead", "drain", "closed"];

/** A week as seven lines of hours, with the hours in words beside them. */
export function weekPicture({ days }: Coverage, paper: Paper): readonly string[] {
  const cell = paper.width >= 120 ? 15 : 30;
  const perThreeHours = 180 / cell;
  const axis = Array.from({ length: 8 }, (_, index) => String(index * 3).padEnd(perThreeHours)).join("");
  return [
    `       ${axis}24`,
    ...days.flatMap(({ day, segments }) => {
      const cells = Array.from({ length: DAY / cell }, (_, index) =>
        kindIn(segments, index * cell, (index + 1) * cell),
      );
      const beside = 7 + cells.length + 2;
      const [first = "", ...more] = wrap(inWords(segments), paper.width - beside);
      const line = `  ${formatDays([day])}  ${drawn(cells, paper)}  ${first}`.trimEnd();
      return [line, ...more.map((words) => " ".repeat(beside) + words)];
    }),
  ];
}

/** What the signs of all weeks mean, of those that were drawn. */
export function legend(weeks: readonly Coverage[]): string {
  const kinds = new Set(weeks.flatMap(({ days }) => days.flatMap(({ segments }) => segments.map(({ kind }) => kind))));
  const words: Record<SegmentKind, string> = {
    open: "open",
    between: "between two windows of one shift",
    lead: "started, not open yet",
    drain: "closed, calls may run on",
    closed: "no worker",
  };
  return order
    .filter((kind) => kinds.has(kind))
    .map((kind) => `${ink[kind].sign} ${words[kind]}`)
    .join("   ");
}

function kindIn(segments: readonly Segment[], from: Minutes, to: Minutes): SegmentKind {
  const minutes = (kind: SegmentKind) =>
    segments
      .filter((segment) => segment.kind === kind)
      .reduce((sum, segment) => sum + Math.max(0, Math.min(to, segment.to) - Math.max(from, segment.from)), 0);
  return order.reduce((best, kind) => (minutes(kind) > minutes(best) ? kind : best));
}

function drawn(cells: readonly SegmentKind[], paper: Paper): string {
  const runs: { kind: SegmentKind; text: string }[] = [];
  for (const kind of cells) {
    const run = runs.at(-1);
    if (run?.kind === kind) run.text += ink[kind].sign;
    else runs.push({ kind, text: ink[kind].sign });
  }
  return runs.map(({ kind, text }) => paint(paper, ink[kind].style, text)).join("");
}

function inWords(segments: readonly Segment[]): string {
  return segments
    .filter(({ kind }) => kind === "open")
    .map(({ from, to }) => `${formatTime(from)}-${formatTime(to)}`)
    .join(", ");
}
