import { occurrences, type Shift } from "./hours.ts";
import { DAY, type Minutes, WEEK, type Weekday, weekdays } from "./week.ts";
import type { WorkerPlan } from "./worker.ts";

/**
 * What a worker does in a part of a day: `open` within office hours, `lead` before them, `between` two windows that one
 * execution serves, `drain` after closing, `closed` when no execution runs.
 */
export type SegmentKind = "open" | "lead" | "between" | "drain" | "closed";

/** What is shown where several apply. */
const precedence = ["open", "between", "lead", "drain"] as const satisfies readonly SegmentKind[];

/** A part of one weekday, in local minutes; or, before it is cut into days, of a week (since Monday's midnight). */
export interface Segment {
  readonly kind: SegmentKind;
  readonly from: Minutes;
  readonly to: Minutes;
  /** The window, while it is open. */
  readonly window?: string;
}

/** An ordinary week of one worker, without holidays and zone changes: enough to draw it. */
export interface Coverage {
  /** Monday to Sunday, each from 0 to 1,440 without a gap. */
  readonly days: readonly { readonly day: Weekday; readonly segments: readonly Segment[] }[];
  /** Hours in the windows. */
  readonly hoursOpen: number;
  /** Hours that executions run at most, with lead, whole drain, and what lies between windows of one shift. */
  readonly hoursPaid: number;
}

/** The week of a worker. Without the runtime (`supervise: false`) nothing but the timeout ends a run. */
export function weekOf({ calendar, shifts, timeout, supervised }: WorkerPlan): Coverage {
  const lead = calendar.lead / 60;
  const runs = shifts.map((shift) => {
    const { from, to } = onClock(shift);
    return { from, to, starts: from - lead, ends: supervised ? to + calendar.drain / 60 : from - lead + timeout / 60 };
  });
  const windows = occurrences(calendar.windows);
  const layers: readonly Segment[] = [
    ...runs.map(({ to, ends }): Segment => ({ kind: "drain", from: to, to: ends })),
    ...runs.map(({ from, starts }): Segment => ({ kind: "lead", from: starts, to: from })),
    ...runs.map(({ from, to }): Segment => ({ kind: "between", from, to })),
    ...windows.map(({ from, to, window }): Segment => ({ kind: "open", from, to, window: window.name })),
  ];
  return {
    days: weekdays.map((day) => ({ day, segments: segmentsOf((day - 1) * DAY, layers) })),
    hoursOpen: sum(windows) / 60,
    hoursPaid: sum(runs.map(({ starts, ends }) => ({ from: starts, to: ends }))) / 60,
  };
}

function onClock({ day, open, close }: Shift): { from: Minutes; to: Minutes } {
  const midnight = (day - 1) * DAY;
  return { from: midnight + open, to: midnight + close };
}

function segmentsOf(midnight: Minutes, layers: readonly Segment[]): readonly Segment[] {
  // The week is a circle: what passes its end, or begins before it, is drawn on the other side as well.
  const drawn = [-WEEK, 0, WEEK].flatMap((shift) =>
    layers
      .map((layer) => ({ ...layer, from: layer.from + shift - midnight, to: layer.to + shift - midnight }))
      .filter(({ from, to }) => from < to && to > 0 && from < DAY),
  );
  const edges = [...new Set([0, DAY, ...drawn.flatMap(({ from, to }) => [from, to])])]
    .filter((edge) => edge >= 0 && edge <= DAY)
    .sort((a, b) => a - b);
  const segments: Segment[] = [];
  for (const [index, to] of edges.slice(1).entries()) {
    const from = edges[index] as Minutes;
    const here = drawn.filter((layer) => layer.from <= from && layer.to >= to);
    const kind = precedence.find((candidate) => here.some((layer) => layer.kind === candidate)) ?? "closed";
    const window = here.find((layer) => layer.kind === kind)?.window;
    const last = segments.at(-1);
    if (last !== undefined && last.kind === kind && last.window === window)
      segments[segments.length - 1] = { ...last, to };
    else segments.push({ kind, from, to, ...(window === undefined ? {} : { window }) });
  }
  return segments;
}

function sum(spans: readonly { readonly from: Minutes; readonly to: Minutes }[]): Minutes {
  return spans.reduce((total, { from, to }) => total + to - from, 0);
}
