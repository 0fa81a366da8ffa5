import { count, describe } from "../../domain/findings.ts";
import type { NextRun } from "../../domain/next-runs.ts";
import { formatDollars } from "../../domain/prices.ts";
import type { Comparison } from "../compare/comparison.ts";
import { comparedText, comparedWith, countsInWords } from "./compared-text.ts";
import { alignedRight, columns, heading, type Paper, paint, wrap } from "./layout.ts";
import { type FiringReport, isAllowed, type StackReport, type WorkerReport } from "./model.ts";
import { NOT_SHOWN } from "./not-shown.ts";
import { countedPolicies, speaksOfPolicies, toldDeviations, toldPolicies } from "./policies.ts";
import { tree } from "./tree.ts";
import { allVisible } from "./visible.ts";
import { legend, weekPicture } from "./week.ts";
import { plural } from "./words.ts";

/** A stack's preview as text for people. */
export function textReport(given: StackReport, paper: Paper): string {
  const report = allVisible(given);
  return [
    ...title(report, paper),
    ...summary(report, paper),
    // What is compared is asked for what changes; the whole stack is shown without.
    ...(given.comparison === undefined ? declared(report, paper) : comparedText(given.comparison, paper)),
    ...quotas(report, paper),
    ...remarks(report, paper),
    ...policies(report, paper),
    ...steps(report, paper),
    "",
    notShown(paper),
  ].join("\n");
}

const notShown = (paper: Paper): string =>
  wrap(NOT_SHOWN, paper.width)
    .map((line) => paint(paper, "dim", line))
    .join("\n");

function declared(report: StackReport, paper: Paper): readonly string[] {
  return [
    ...resources(report, paper),
    ...weeks(report.workers, paper),
    ...firings(report, paper),
    ...cost(report, paper),
  ];
}

/** A stack that only another revision has. */
export function removedText(stack: string, comparison: Comparison, paper: Paper): string {
  const head = paint(paper, "bold", `══ ${allVisible(stack)} ══  removed`);
  return [head, ...comparedText(comparison, paper), "", notShown(paper)].join("\n");
}

function title({ stack, environment, file, projects }: StackReport, paper: Paper): readonly string[] {
  const where = projects.length === 0 ? "" : `, in ${projects.join(" and ")}`;
  const [head = "", ...rest] = wrap(`══ ${stack} ══  ${file}, environment ${environment}${where}`, paper.width, 2);
  return [paint(paper, "bold", head), ...rest];
}

function resources({ resources: all, totals }: StackReport, paper: Paper): readonly string[] {
  const components = totals.find(({ kind }) => kind === "component")?.count ?? 0;
  const kinds = totals.filter(({ kind }) => kind !== "component");
  const sum = kinds.reduce((total, { count }) => total + count, 0);
  const each = kinds.map(({ kind, count }) => `${count} ${count === 1 ? kind : plural(kind)}`).join(", ");
  return [
    ...heading(paper, `Resources  ${sum} in ${count(components, "component")}`),
    ...tree(all, paper),
    "",
    ...wrap(`  ${each}`, paper.width, 2),
  ];
}

function weeks(workers: readonly WorkerReport[], paper: Paper): readonly string[] {
  if (workers.length === 0) return [];
  const pictures = workers.flatMap(({ worker, timeZone, week, prepared, holidays }) => [
    "",
    ...wrap(
      `  ${worker}  ${timeZone}  open ${hours(week.hoursOpen)} a week, paid for up to ${hours(week.hoursPaid)}` +
        (prepared ? " (prepared only: no image yet, and not in the cost)" : ""),
      paper.width,
      4,
    ),
    ...weekPicture(week, paper),
    ...(holidays.length === 0 ? [] : wrap(`  closed on ${holidays.join(", ")}`, paper.width, 4)),
  ]);
  return [
    ...heading(paper, "Office hours"),
    ...pictures,
    "",
    ...wrap(`  ${legend(workers.map(({ week }) => week))}`, paper.width, 2),
  ];
}

function firings({ workers, rounds }: StackReport, paper: Paper): readonly string[] {
  const all = [...workers.flatMap(({ starts, prepared }) => (prepared ? [] : starts)), ...rounds];
  if (all.length === 0) return [];
  return [
    ...heading(paper, "Next starts and rounds"),
    ...all.flatMap((firing) => [
      `  ${firing.name}  ${paint(paper, "dim", `${firing.cron}  ${firing.timeZone}`)}${firing.paused ? "  PAUSED" : ""}`,
      ...columns(runRows(firing), paper, 4),
    ]),
  ];
}

function runRows({ timeZone, next, afterChange }: FiringReport): readonly (readonly string[])[] {
  const moved = afterChange === undefined ? [] : [row(afterChange.run, timeZone, "clocks changed")];
  return [...next.map((run) => row(run, timeZone)), ...moved];
}

function row(run: NextRun, timeZone: string, note = ""): readonly string[] {
  const clock = run.clock === undefined ? "" : `local time ${run.clock} that day`;
  const notes = [note, run.suppressed ? "holiday: it leaves at once" : "", clock].filter(Boolean).join("; ");
  return [`${weekday(run.at, timeZone)} ${run.local}`, `${run.utc} UTC`, notes];
}

function weekday(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat("en", { weekday: "short", timeZone }).format(at);
}

function cost({ cost }: StackReport, paper: Paper): readonly string[] {
  const { items, total, ratesAsOf, workers, unpriced, alertPolicies, assumptions, notIncluded } = cost;
  const rows = [
    ["", "", "", "gross", "with free tier"],
    ...items.map(({ what, quantity, unit, gross, net }) => [
      what,
      Math.round(quantity).toLocaleString("en"),
      unit,
      formatDollars(gross),
      formatDollars(net),
    ]),
    ["total", "", "", formatDollars(total.gross), formatDollars(total.net)],
  ];
  const perWorker = workers.map(
    ({ worker, gross, hoursPaid, runs }) =>
      `${worker}: ${gross === undefined ? "no rates known" : `${formatDollars(gross)} gross`} for ${hoursPaid.toFixed(1)} hours in ${runs.toFixed(1)} runs`,
  );
  const notes = [
    ...perWorker,
    ...(unpriced.length === 0
      ? []
      : [`Not in the total, since their region's rates are not known here: ${unpriced.join(", ")}.`]),
    ...(alertPolicies === undefined
      ? []
      : [
          `${alertPolicies.count} ${alertPolicies.count === 1 ? "alert policy" : plural("alert policy")}: ${formatDollars(alertPolicies.low)} to ${formatDollars(alertPolicies.high)} more once Google bills them.`,
        ]),
    ...assumptions,
    `Not included: ${notIncluded.join(", ")}.`,
  ];
  return [
    ...heading(paper, `Cost of an average month  rates of ${ratesAsOf}, US dollars`),
    ...columns(alignedRight(rows, [1, 3, 4]), paper),
    "",
    ...notes.flatMap((note) => wrap(`  ${note}`, paper.width, 4)),
  ];
}

function quotas({ quotas }: StackReport, paper: Paper): readonly string[] {
  if (quotas.length === 0) return [];
  const rows = quotas.map(({ limit, used, of, scope, over, adjustable }) => [
    limit,
    `${used.toLocaleString("en")} of ${of.toLocaleString("en")}`,
    `${scope}${over ? ", OVER" : ""}${adjustable ? ", can be raised on request" : ""}`,
  ]);
  return [...heading(paper, "Google's limits that come near"), ...columns(rows, paper)];
}

function remarks({ remarks }: StackReport, paper: Paper): readonly string[] {
  if (remarks.length === 0) return [];
  return [...heading(paper, count(remarks.length, "remark")), describe(remarks, paper.width)];
}

function policies(report: StackReport, paper: Paper): readonly string[] {
  if (!speaksOfPolicies(report)) return [];
  return [
    ...heading(paper, `Policies  ${countedPolicies(report)}`),
    ...toldDeviations(report).flatMap((line) => wrap(`  ${paint(paper, "yellow", "!")} ${line}`, paper.width, 6)),
    ...toldPolicies(report).flatMap(({ rule, level, about, problem, remedy }) => {
      const mark = level === "mandatory" ? paint(paper, "red", `✗ ${level}`) : paint(paper, "yellow", `· ${level}`);
      return [
        `  ${mark}  ${paint(paper, "bold", rule)}`,
        ...(about === "" ? [] : wrap(`      ${about}`, paper.width, 6)),
        ...wrap(`      ${problem} ${remedy}`, paper.width, 6),
      ];
    }),
    "",
    ...wrap(`  docs/policies.md has each rule, and how one is exempted.`, paper.width, 2),
  ];
}

function steps({ steps }: StackReport, paper: Paper): readonly string[] {
  if (steps.length === 0) return [];
  return [
    ...heading(paper, "What comes next  (prepared workers)"),
    ...steps.flatMap(({ about, operation, why, command }, index) => [
      ...wrap(`  ${index + 1}. ${about}: ${operation}. ${why}`, paper.width, 5),
      `     ${paint(paper, "cyan", command)}`,
    ]),
  ];
}

/** A stack in a line: what matters most, said first and, after all stacks, last. */
export function summary(report: StackReport, paper: Paper): readonly string[] {
  const { stack, resources: all, cost, workers, rounds, remarks, comparison } = allVisible(report);
  const made = all.filter(({ kind, parent }) => kind !== "component" && parent !== undefined).length;
  const running = workers.filter(({ prepared }) => !prepared).length;
  const parts = [
    ...(comparison === undefined
      ? []
      : [`${comparedWith(comparison).replace(/^./, (letter) => letter.toLowerCase())}: ${countsInWords(comparison)}`]),
    `${made} resources`,
    count(running, "worker"),
    ...(running < workers.length ? [`${workers.length - running} prepared`] : []),
    count(rounds.length, "round"),
    `${formatDollars(cost.total.gross)} a month gross, ${formatDollars(cost.total.net)} with the free tier`,
    count(remarks.length, "remark"),
    `policies: ${countedPolicies(report)}`,
  ];
  const allowed = isAllowed(report);
  const [head = "", ...rest] = wrap(`${allowed ? "✓" : "✗"} ${stack}  ${parts.join(" · ")}`, paper.width, 4);
  return [paint(paper, allowed ? "green" : "red", head), ...rest];
}

function hours(amount: number): string {
  return `${Number(amount.toFixed(2))} h`;
}
