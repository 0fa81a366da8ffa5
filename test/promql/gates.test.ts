import { afterAll, beforeAll, expect, test } from "vitest";
import { gate, type Part } from "../../domain/alerts/gate.ts";
import { officeSpans } from "../../domain/calendar.ts";
import type { OfficeHours } from "../../domain/hours.ts";
import { parseDays, parseTime } from "../../domain/week.ts";
import { HORIZON_START, zoneChanges } from "../../domain/zone.ts";
import { MOST_POINTS, type Prometheus, prometheusMissing, startPrometheus } from "../support/prometheus.ts";
import { tier } from "../support/tier.ts";

const MINUTE = 60_000;
const NEAR = 120 * MINUTE;
const FROM = HORIZON_START;
const TO = Date.UTC(2028, 0, 1);

function hours(timeZone: string, week: Record<string, string>, holidays: readonly string[] = []): OfficeHours {
  const windows = Object.entries(week).map(([days, span]) => {
    const [open = 0, close = 0] = span.split("-").map(parseTime);
    return {
      name: days,
      days: parseDays(days.replace(/[0-9]$/, "")) ?? [],
      open,
      close: close > open ? close : close + 1440,
    };
  });
  return { timeZone, windows, holidays };
}

const calendars: readonly { readonly title: string; readonly hours: OfficeHours; readonly part: Part }[] = [
  {
    title: "weekdays and Saturday in a zone that never changes, with a holiday",
    hours: hours("Asia/Karachi", { "mon-fri": "09:00-17:00", sat: "10:00-14:00" }, ["2026-12-25"]),
    part: { after: 0 },
  },
  {
    title: "nights over the week's end, over both clock changes, with a holiday after an open eve",
    hours: hours("America/New_York", { "sun-thu": "22:00-06:00" }, [
      "2026-12-25",
      "2026-11-01",
      "2027-03-14",
      "2027-07-05",
    ]),
    part: { after: 0 },
  },
  {
    title: "mornings and afternoons, watched from nineteen minutes after opening",
    hours: hours("Europe/Berlin", { "mon-fri1": "08:30-12:00", "mon-fri2": "13:00-17:30" }, [
      "2026-12-24",
      "2026-12-25",
      "2027-05-13",
    ]),
    part: { after: 1140 },
  },
  {
    title: "clocks that change by half an hour, in a night that stays open",
    hours: hours("Australia/Lord_Howe", { sat: "18:00-10:00" }, ["2026-04-04"]),
    part: { after: 300 },
  },
  {
    title: "a zone that changes for Ramadan, by dates and not by rule",
    hours: hours("Africa/Casablanca", { "mon-sun": "01:30-03:30" }),
    part: { after: 0 },
  },
  {
    title: "a quarter of an hour after a round that the clocks skip and repeat",
    hours: hours("America/New_York", { "mon-sun": "02:30-02:31" }),
    part: { after: 1140, lasts: 900 },
  },
];

/** Instants worth asking for: by the minute near edges and zone changes, by the quarter of an hour elsewhere. */
function ranges(edges: readonly number[]): readonly { from: number; to: number; step: number }[] {
  const near: { from: number; to: number }[] = [];
  for (const edge of [...edges].sort((a, b) => a - b)) {
    const last = near.at(-1);
    if (last !== undefined && edge - NEAR <= last.to) last.to = edge + NEAR;
    else near.push({ from: edge - NEAR, to: edge + NEAR });
  }
  const longest = (MOST_POINTS - 1) * MINUTE;
  const minutely = near.flatMap(({ from, to }) =>
    Array.from({ length: Math.ceil((to - from) / longest) }, (_, index) => ({
      from: from + index * longest,
      to: Math.min(to, from + (index + 1) * longest),
      step: MINUTE,
    })),
  );
  const quarter = 15 * MINUTE;
  const days = 100 * 1440 * MINUTE;
  const coarse = Array.from({ length: Math.ceil((TO - FROM) / days) }, (_, index) => ({
    from: FROM + index * days,
    to: Math.min(TO, FROM + (index + 1) * days),
    step: quarter,
  }));
  return [...minutely, ...coarse];
}

tier("calendar gates in a real Prometheus", prometheusMissing(), () => {
  let prometheus: Prometheus;
  beforeAll(async () => {
    prometheus = await startPrometheus();
  });
  afterAll(() => prometheus?.stop());

  test.for(calendars)("two years of $title", { timeout: 400_000 }, async ({ hours, part }) => {
    const spans = officeSpans(hours, FROM - NEAR, TO + NEAR).map(({ opens, closes }) => {
      const from = opens + part.after * 1000;
      return { from, to: part.lasts === undefined ? closes : from + part.lasts * 1000 };
    });
    const edges = [...spans.flatMap(({ from, to }) => [from, to]), ...zoneChanges(hours.timeZone).map(({ at }) => at)];
    const query = `vector(${gate(hours, part)})>0`;
    const wrong: string[] = [];
    let asked = 0;
    const left = ranges(edges.filter((edge) => edge > FROM && edge < TO));
    const ask = async ({ from, to, step }: (typeof left)[number]) => {
      const [row] = await prometheus.query(query, from / 1000, to / 1000, step / 1000);
      const open = new Set(row?.points.map(([at]) => at * 1000));
      let next = spans.findIndex((span) => span.to > from);
      for (let at = from; at <= to; at += step) {
        while (next >= 0 && next < spans.length && (spans[next]?.to ?? 0) <= at) next++;
        const wanted = (spans[next]?.from ?? Number.POSITIVE_INFINITY) <= at;
        if (open.has(at) !== wanted)
          wrong.push(`${new Date(at).toISOString()} should be ${wanted ? "open" : "closed"}`);
        asked++;
      }
    };
    const queue = [...left];
    await Promise.all(
      [1, 2, 3, 4].map(async () => {
        for (let range = queue.shift(); range !== undefined; range = queue.shift()) await ask(range);
      }),
    );
    expect(wrong.slice(0, 10)).toEqual([]);
    expect(asked).toBeGreaterThan(70_000);
  });
});
