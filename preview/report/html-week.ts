/** A week as a picture: each day a bar from midnight to midnight, with the same in words beside it. */
import type { Coverage, Segment, SegmentKind } from "../../domain/coverage.ts";
import { DAY, formatTime, type Minutes, type Weekday, weekdays } from "../../domain/week.ts";
import { daysInWords, timeRange } from "../compare/sentence.ts";
import { html, type Markup } from "./html-markup.ts";
import type { FiringReport, StackReport, WorkerReport } from "./model.ts";

/** What is said of each part of a day, and shown: forms differ too, so that colour is never the only sign. */
const kinds: Readonly<Record<Exclude<SegmentKind, "closed">, string>> = {
  open: "open",
  lead: "started, not open yet",
  between: "between two windows of one shift",
  drain: "closed, calls may run on",
};

/** In the bars a minute is a unit wide, and the bar as high. */
const HEIGHT = 100;

export function weeks({ workers, rounds }: StackReport): Markup | undefined {
  if (workers.length + rounds.length === 0) return undefined;
  const zones = [...Map.groupBy(rounds, ({ timeZone }) => timeZone)];
  return html`<h3>The week</h3>
${workers.map(workerWeek)}
${zones.map(([zone, those]) => roundsWeek(zone, those))}
${legend(workers, rounds)}`;
}

function workerWeek({ worker, timeZone, week, prepared, holidays }: WorkerReport): Markup {
  const hours = (amount: number) => `${Number(amount.toFixed(2))} h`;
  return html`<h4>${worker}</h4>
${table(
  `Office hours of ${worker}, in ${timeZone}: open ${hours(week.hoursOpen)} a week, paid for up to ${hours(week.hoursPaid)}${prepared ? "; prepared only, no image yet" : ""}`,
  week.days.map(({ day, segments }) => ({ day, bar: segments.map(bar), words: inWords(segments) })),
)}
${holidays.length === 0 ? undefined : html`<p class="quiet">Closed on ${holidays.join(", ")}.</p>`}`;
}

function roundsWeek(zone: string, rounds: readonly FiringReport[]): Markup {
  return html`<h4>Patient rounds</h4>
${table(
  `Rounds in ${zone}`,
  weekdays.map((day) => {
    const those = rounds.filter(({ days }) => days.includes(day)).sort((a, b) => a.at - b.at);
    const times = Map.groupBy(those, ({ at }) => at);
    return {
      day,
      bar: [...times.keys()].map(mark),
      words:
        [...times].map(([at, { length }]) => `${formatTime(at)}${length > 1 ? ` (${length} jobs)` : ""}`).join(", ") ||
        "no rounds",
    };
  }),
)}
${rounds.some(({ paused }) => paused) ? html`<p><strong>Paused</strong>: nobody is called.</p>` : undefined}`;
}

interface Row {
  readonly day: Weekday;
  readonly bar: readonly Markup[];
  readonly words: string;
}

/**
 * The bars are for eyes alone; a screen reader reads the day and its hours. The roles are spelled out, since a phone is
 * shown a grid, and a browser then forgets that it is a table.
 */
function table(caption: string, rows: readonly Row[]): Markup {
  const axis = [0, 3, 6, 9, 12, 15, 18, 21].map((hour) => html`<span>${hour}</span>`);
  return html`<table class="week" role="table"><caption>${caption}</caption>
<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader" class="day">Day</th><td aria-hidden="true"><div class="axis quiet">${axis}</div></td><th scope="col" role="columnheader" class="hours">Hours</th></tr></thead>
<tbody role="rowgroup">${rows.map(
    ({
      day,
      bar,
      words,
    }) => html`<tr role="row"><th scope="row" role="rowheader" class="day">${daysInWords([day])}</th><td aria-hidden="true">${picture(bar)}</td><td role="cell" class="hours">${words}</td></tr>
`,
  )}</tbody></table>`;
}

function picture(parts: readonly Markup[]): Markup {
  const hours = [360, 720, 1080].map(
    (at) => html`<rect class="grid" x="${at - 1}" y="0" width="2" height="${HEIGHT}"/>`,
  );
  return html`<svg viewBox="0 0 ${DAY} ${HEIGHT}" preserveAspectRatio="none" focusable="false">${parts}${hours}</svg>`;
}

/** A full bar is open; a lower one is started, or on its way out; a split one waits between two windows. */
function bar({ kind, from, to }: Segment): Markup {
  if (kind === "closed") return html``;
  const [top, height] = {
    open: [0, HEIGHT],
    lead: [HEIGHT / 2, HEIGHT / 2],
    between: [0, HEIGHT],
    drain: [0, HEIGHT / 2],
  }[kind];
  const hole =
    kind === "between" ? html`<rect class="hole" x="${from}" y="35" width="${to - from}" height="30"/>` : undefined;
  return html`<rect class="${kind}" x="${from}" y="${top}" width="${to - from}" height="${height}"/>${hole}`;
}

/** Wide enough to be seen on a phone. */
const mark = (at: Minutes): Markup => html`<rect class="mark" x="${at - 8}" y="0" width="16" height="${HEIGHT}"/>`;

function inWords(segments: readonly Segment[]): string {
  const of = (kind: SegmentKind) =>
    segments.filter((segment) => segment.kind === kind).map(({ from, to }) => timeRange(from, to));
  const [open, drain] = [of("open"), segments.filter(({ kind }) => kind === "drain")];
  if (open.length === 0) return drain.length === 0 ? "closed" : `closed, calls until ${drain.map(end).join(", ")}`;
  return `${open.join(", ")}${drain.length === 0 ? "" : `, calls until ${drain.map(end).join(", ")}`}`;
}

const end = ({ to }: Segment): string => formatTime(to);

/** Of what the pictures really show. */
function legend(workers: readonly WorkerReport[], rounds: readonly FiringReport[]): Markup {
  const shown = new Set(
    workers.flatMap(({ week }: { week: Coverage }) =>
      week.days.flatMap(({ segments }) => segments.map(({ kind }) => kind)),
    ),
  );
  const swatch = (content: Markup, words: string) =>
    html`<li><svg viewBox="0 0 60 ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true" focusable="false">${content}</svg> ${words}</li>`;
  const named = (Object.keys(kinds) as (keyof typeof kinds)[]).filter((kind) => shown.has(kind));
  return html`<ul class="legend">${named.map((kind) => swatch(bar({ kind, from: 0, to: 60 }), kinds[kind]))}${shown.has("closed") ? swatch(html``, "no worker") : undefined}${rounds.length > 0 ? swatch(mark(30), "a round calls patients") : undefined}</ul>`;
}
