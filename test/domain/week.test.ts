import { expect, test } from "vitest";
import {
  cronAt,
  cronDays,
  DAY,
  formatDays,
  formatTime,
  nextDay,
  parseDays,
  parseTime,
  shiftDay,
  type Weekday,
} from "../../domain/week.ts";

test.each<[string, readonly Weekday[]]>([
  ["mon-fri", [1, 2, 3, 4, 5]],
  ["sat", [6]],
  ["fri,mon,wed", [1, 3, 5]],
  ["sun-thu", [1, 2, 3, 4, 7]],
  ["fri-mon", [1, 5, 6, 7]],
  ["mon-sun", [1, 2, 3, 4, 5, 6, 7]],
  ["Mon-Wed, tue", [1, 2, 3]],
])("days are read as people write them: %s", (text, days) => {
  expect(parseDays(text)).toEqual(days);
});

test.each(["", "monday", "mon-", "-fri", "mon-wed-fri", "mon fri", "1-5", "mon,,tue"])(
  "what names no day is refused rather than left out: %j",
  (text) => {
    expect(parseDays(text)).toBeUndefined();
  },
);

test.each<[readonly Weekday[], string, string]>([
  [[1, 2, 3, 4, 5], "mon-fri", "1-5"],
  [[6], "sat", "6"],
  [[1, 2], "mon,tue", "1,2"],
  [[1, 3, 5], "mon,wed,fri", "1,3,5"],
  [[1, 2, 3, 4, 7], "mon-thu,sun", "0-4"],
  [[5, 6, 7], "fri-sun", "0,5,6"],
  [[1, 2, 3, 4, 5, 6, 7], "mon-sun", "*"],
])("a cron counts Sunday as 0, people count it last: %j", (days, written, cron) => {
  expect(formatDays(days)).toBe(written);
  expect(cronDays(days)).toBe(cron);
  expect(parseDays(written)).toEqual(days);
});

test.each<[string, number | undefined]>([
  ["00:00", 0],
  ["09:05", 545],
  ["23:59", 1439],
  ["24:00", DAY],
  ["24:01", undefined],
  ["12:60", undefined],
  ["9:00", undefined],
  ["09:00:00", undefined],
  ["-1:00", undefined],
])("a time of day is two digits and two digits: %s", (text, minutes) => {
  expect(parseTime(text)).toBe(minutes);
});

test.each<[number, string]>([
  [0, "00:00"],
  [545, "09:05"],
  [DAY, "24:00"],
  [DAY + 60, "01:00"],
  [2 * DAY, "00:00"],
  [-30, "23:30"],
])("minutes past midnight are shown as the next day's clock shows them: %i", (minutes, text) => {
  expect(formatTime(minutes)).toBe(text);
});

test("days go around the week's end", () => {
  expect(nextDay(7)).toBe(1);
  expect([shiftDay(1, -1), shiftDay(7, 1), shiftDay(3, 14), shiftDay(3, -15)]).toEqual([7, 1, 3, 2]);
});

test("a cron has its minute first", () => {
  expect(cronAt(495, [1, 2, 3, 4, 5, 6, 7])).toBe("15 8 * * *");
});
