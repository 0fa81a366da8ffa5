import stringWidth from "string-width";
import { beforeAll, expect, test } from "vitest";
import type { StackReport } from "../../../preview/report/model.ts";
import { removedText, summary, textReport } from "../../../preview/report/text.ts";
import { comparedReport, everything, poisoned } from "../../support/compared.ts";

let report: StackReport;
beforeAll(async () => {
  report = await comparedReport(everything);
});

test.each([80, 160])("fits a terminal of %i columns, but for words that are longer", (width) => {
  const tooLong = textReport(report, { width, colour: false })
    .split("\n")
    .filter((line) => stringWidth(line) > width && line.trim().includes(" "))
    .filter(
      (line) =>
        !line
          .trim()
          .split(" ")
          .some((word) => word.length > width / 2),
    );
  expect(tooLong).toEqual([]);
});

test("says first and last what it comes to", () => {
  const paper = { width: 200, colour: false };
  expect(summary(report, paper)[0]).toMatch(
    /^✗ prod {2}compared with main \(0123abc\): 1 replaced, 3 deleted, 4 created, \d+ changed, \d+ unchanged · /,
  );
  const lines = textReport(report, paper).split("\n");
  expect(lines.findIndex((line) => line.startsWith("  ! "))).toBeLessThan(lines.indexOf("What changes"));
});

test("a control character in a name reaches no terminal", () => {
  const given = poisoned(report, "\u001b[2J\u009b1A\n✓ forged");
  for (const text of [
    textReport(given, { width: 120, colour: false }),
    removedText("prod\u001b[2J", given.comparison as never, { width: 120, colour: false }),
  ]) {
    expect(text.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    expect(text.split("\n").filter((line) => line.startsWith("✓ forged"))).toEqual([]);
  }
});

test("colour is never the only sign: without it every change has one of its own", () => {
  const text = textReport(report, { width: 200, colour: false });
  for (const sign of ["+ scheduler job", "- scheduler job", "~ Cloud Run job", "± image repository"]) {
    expect(text).toContain(`  ${sign}`);
  }
});
