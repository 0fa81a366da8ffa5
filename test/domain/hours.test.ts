import { describe, expect, test } from "vitest";
import { type Margins, overlaps, shiftsOfWeek, startsOfWeek, uncovered, type Window } from "../../domain/hours.ts";
import { formatDays, formatTime } from "../../domain/week.ts";
import { dental, window } from "./clinic.ts";

const none: Margins = { lead: 0, drain: 0 };

/** Each shift as `day of opening, opening, length in minutes`. */
function shifts(windows: readonly Window[], margins: Margins) {
  const found = shiftsOfWeek(windows, margins);
  if (found === "endless") return found;
  return found.map(
    ({ window, day, open, close }) => `${formatDays([day])} ${formatTime(open)} ${close - open} ${window.name}`,
  );
}

const withGap = (minutes: number) => [
  window("morning", "mon 09:00-12:00"),
  window("afternoon", `mon ${formatTime(720 + minutes)}-18:00`),
];

describe("shifts of a week", () => {
  test.each<[string, readonly Window[], Margins, readonly string[] | "endless"]>([
    [
      "windows apart have a shift each",
      [window("a", "mon,wed 09:00-17:00")],
      none,
      ["mon 09:00 480 a", "wed 09:00 480 a"],
    ],
    ["no window, no shift", [], none, []],
    [
      "a gap of exactly lead, drain and margin is enough",
      withGap(25),
      { lead: 300, drain: 600 },
      ["mon 09:00 180 morning", "mon 12:25 335 afternoon"],
    ],
    ["a minute less, and one execution serves both", withGap(24), { lead: 300, drain: 600 }, ["mon 09:00 540 morning"]],
    ["seconds of the drain count", withGap(25), { lead: 300, drain: 601 }, ["mon 09:00 540 morning"]],
    ["a night belongs to the day it opens on", [window("night", "sun 20:00-06:00")], none, ["sun 20:00 600 night"]],
    [
      "three windows in a row are one shift",
      [window("a", "mon 08:00-12:00"), window("b", "mon 12:00-16:00"), window("c", "mon 16:00-20:00")],
      none,
      ["mon 08:00 720 a"],
    ],
    [
      "a shift may pass the week's end",
      [window("night", "sun 20:00-06:00"), window("day", "mon 06:00-14:00")],
      none,
      ["sun 20:00 1080 night"],
    ],
    [
      "a weekend from Friday evening to Monday morning is one shift",
      [
        window("evening", "fri 18:00-24:00"),
        window("weekend", "sat,sun 00:00-24:00"),
        window("dawn", "mon 00:00-06:00"),
      ],
      none,
      ["fri 18:00 3600 evening"],
    ],
    [
      "a week with one gap of ten minutes is one shift of 167h50",
      [window("day", "mon-sat 00:00-24:00"), window("sunday", "sun 00:00-23:50")],
      none,
      ["mon 00:00 10070 day"],
    ],
    [
      "a week with a smaller gap never ends",
      [window("day", "mon-sat 00:00-24:00"), window("sunday", "sun 00:00-23:51")],
      none,
      "endless",
    ],
    ["around the clock never ends", [window("day", "mon-sun 00:00-24:00")], none, "endless"],
    [
      "nights and days in turn never end",
      [window("n", "mon-sun 20:00-08:00"), window("d", "mon-sun 08:00-20:00")],
      none,
      "endless",
    ],
  ])("%s", (_, windows, margins, expected) => {
    expect(shifts(windows, margins)).toEqual(expected);
  });
});

describe("starts of a week", () => {
  const crons = (windows: readonly Window[], margins: Margins) => {
    const found = shiftsOfWeek(windows, margins);
    if (found === "endless") throw new Error("endless");
    return startsOfWeek(found, margins.lead).map(({ window, cron, days, at }) => [
      window.name,
      cron,
      formatDays(days),
      at,
    ]);
  };

  test.each<[string, readonly Window[], number, readonly unknown[]]>([
    [
      "one for each window, in the clinic's time",
      dental,
      0,
      [
        ["weekday", "0 9 * * 1-5", "mon-fri", 540],
        ["saturday", "0 10 * * 6", "sat", 600],
      ],
    ],
    [
      "the lead comes off the opening",
      dental,
      900,
      [
        ["weekday", "45 8 * * 1-5", "mon-fri", 525],
        ["saturday", "45 9 * * 6", "sat", 585],
      ],
    ],
    [
      "a lead that crosses midnight fires the day before",
      [window("early", "mon-fri 00:30-08:00")],
      3600,
      [["early", "30 23 * * 0-4", "mon-thu,sun", 1410]],
    ],
    [
      "a lead up to midnight itself stays on the day",
      [window("early", "mon 01:00-08:00")],
      3600,
      [["early", "0 0 * * 1", "mon", 0]],
    ],
    [
      "a window that is merged into another has none",
      [window("night", "sun 20:00-06:00"), window("day", "mon-fri 06:00-14:00")],
      0,
      [
        ["day", "0 6 * * 2-5", "tue-fri", 360],
        ["night", "0 20 * * 0", "sun", 1200],
      ],
    ],
  ])("%s", (_, windows, lead, expected) => {
    expect(crons(windows, { lead, drain: 900 })).toEqual(expected);
  });
});

describe("overlaps", () => {
  test.each<[string, readonly Window[], readonly string[]]>([
    ["windows that touch do not overlap", [window("a", "mon 09:00-12:00"), window("b", "mon 12:00-17:00")], []],
    ["a minute in common does", [window("a", "mon 09:00-12:01"), window("b", "mon 12:00-17:00")], ["a b mon"]],
    [
      "a night into the next morning",
      [window("night", "tue 20:00-08:00"), window("day", "mon-fri 07:00-17:00")],
      ["night day wed"],
    ],
    [
      "Sunday night into Monday",
      [window("night", "sun 20:00-08:00"), window("day", "mon 07:00-17:00")],
      ["night day mon"],
    ],
    [
      "a pair is named once, however many days it overlaps",
      [window("a", "mon-fri 09:00-12:00"), window("b", "mon-fri 11:00-17:00")],
      ["a b mon"],
    ],
    ["a window that ends when it begins again does not overlap itself", [window("a", "mon-sun 00:00-24:00")], []],
  ])("%s", (_, windows, expected) => {
    expect(overlaps(windows).map(([a, b, day]) => `${a.name} ${b.name} ${formatDays([day])}`)).toEqual(expected);
  });
});

describe("a fixed timeout", () => {
  const short = (timeout: number, windows: readonly Window[], margins: Margins) => {
    const found = shiftsOfWeek(windows, margins);
    if (found === "endless") throw new Error("endless");
    return uncovered(timeout, found, margins);
  };
  const day = [window("day", "mon-fri 09:00-17:00")];
  const margins: Margins = { lead: 0, drain: 900 };

  test("covers a shift exactly with its lead, drain and margin", () => {
    expect(short(8 * 3600 + 900 + 600, day, margins)).toEqual([]);
    expect(short(8 * 3600 + 900 + 599, day, margins)).toHaveLength(1);
  });

  test("of four hours leaves an eight-hour day without a worker at 13:00", () => {
    expect(short(4 * 3600, day, margins)).toEqual([{ days: [1, 2, 3, 4, 5], close: 1020, stops: 780, closeBy: 755 }]);
  });

  test("is counted from the start, not from the opening", () => {
    expect(short(4 * 3600, day, { lead: 1800, drain: 900 })[0]).toMatchObject({ stops: 750, closeBy: 725 });
  });

  test("that is used up by lead, drain and margin serves no closing at all", () => {
    expect(short(1500, day, margins)[0]).toMatchObject({ closeBy: undefined });
    expect(short(60, day, { lead: 1800, drain: 900 })[0]).toMatchObject({ stops: 540, closeBy: undefined });
  });

  test("is judged shift by shift", () => {
    expect(short(5 * 3600, dental, margins).map(({ days }) => formatDays(days))).toEqual(["mon-fri"]);
  });
});
