/**
 * Previews as one page that stands by itself: no script, no font, no picture, nothing from elsewhere. It can be opened
 * from a disk, mailed, or kept with a run.
 */
import { createHash } from "node:crypto";
import { count, type Finding } from "../../domain/findings.ts";
import { formatDollars } from "../../domain/prices.ts";
import { verbOf } from "../compare/access.ts";
import type { Comparison } from "../compare/comparison.ts";
import { countsInWords } from "./compared-text.ts";
import { changes, resources } from "./html-changes.ts";
import { html, type Markup, textOf, verbatim } from "./html-markup.ts";
import { STYLE } from "./html-style.ts";
import { table } from "./html-table.ts";
import { weeks } from "./html-week.ts";
import { isAllowed, type StackReport } from "./model.ts";
import { NOT_SHOWN } from "./not-shown.ts";
import { countedPolicies, speaksOfPolicies, type ToldPolicy, toldDeviations, toldPolicies } from "./policies.ts";

/** A stack's report; or the comparison of one that is gone; or why there is neither. */
export type OnPage = { readonly stack: string } & (
  | { readonly report: StackReport }
  | { readonly removed: Comparison }
  | { readonly messages: readonly string[] }
);

/** Only this very style is applied, and nothing is loaded or run, whatever else should get into the page. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; base-uri 'none'; form-action 'none'`;

export function htmlPage(stacks: readonly OnPage[]): string {
  const title = `Preview of ${stacks.map(({ stack }) => stack).join(", ") || "no stack"}`;
  return textOf(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${verbatim(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${verbatim(STYLE)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<nav aria-label="Stacks"><ul>${stacks.map((each, index) => html`<li><a href="#${anchor(index)}">${each.stack}</a> <span class="quiet">${status(each)}</span></li>`)}</ul></nav>
</header>
<main>
${stacks.map(section)}
</main>
<footer><p>${NOT_SHOWN}</p></footer>
</body>
</html>
`);
}

/** Not the stack's name: whatever is in that is no address. */
const anchor = (index: number): string => `stack-${index + 1}`;

function status(each: OnPage): string {
  if ("messages" in each) return "cannot be declared";
  if ("removed" in each) return countsInWords(each.removed);
  const { comparison, cost, remarks } = each.report;
  return [
    ...(isAllowed(each.report) ? [] : ["may not be deployed"]),
    ...(comparison === undefined ? [] : [countsInWords(comparison)]),
    `${formatDollars(cost.total.gross)} a month`,
    ...(speaksOfPolicies(each.report) ? [`policies: ${countedPolicies(each.report)}`] : []),
    ...(remarks.length === 0 ? [] : [count(remarks.length, "remark")]),
  ].join(" · ");
}

function section(each: OnPage, index: number): Markup {
  return html`<section class="stack" id="${anchor(index)}" aria-labelledby="${anchor(index)}-name">
<h2 id="${anchor(index)}-name">${each.stack}</h2>
<p class="status">${status(each)}</p>
${content(each)}
</section>
`;
}

function content(each: OnPage): Markup {
  if ("messages" in each) return html`<pre>${each.messages.join("\n")}</pre>`;
  if ("removed" in each) return changes(each.removed);
  const { report } = each;
  const { comparison, environment, projects, file } = report;
  return html`<p class="quiet">${file}, environment ${environment}${projects.length === 0 ? "" : `, in ${projects.join(" and ")}`}</p>
${deviations(report)}
${comparison && changes(comparison)}
${findings(report)}
${weeks(report)}
${firings(report)}
${access(report)}
${cost(report)}
${comparison && resources(comparison)}`;
}

function deviations(report: StackReport): Markup | undefined {
  const lines = toldDeviations(report);
  if (lines.length === 0) return undefined;
  return html`<div class="finding"><strong>Policies that this stack has changed</strong><ul>${lines.map((line) => html`<li>${line}</li>`)}</ul></div>`;
}

function findings(report: StackReport): Markup | undefined {
  const { policies, remarks } = report;
  if (policies.length + remarks.length === 0) return undefined;
  return html`<h3>Findings</h3>
${toldPolicies(report).map(policy)}${remarks.map(remark)}`;
}

function policy({ level, rule, about, problem, remedy }: ToldPolicy): Markup {
  const where = about === "" ? "" : `, ${about}`;
  return html`<div class="finding ${level}"><p><strong>${level}</strong> ${rule}${where}: ${problem}</p><p>${remedy}</p></div>
`;
}

const remark = ({ path, problem, remedy }: Finding): Markup =>
  html`<div class="finding"><p><strong>remark</strong> ${path}: ${problem}</p><p>${remedy}</p></div>
`;

function firings({ workers, rounds }: StackReport): Markup | undefined {
  const all = [...workers.flatMap(({ starts, prepared }) => (prepared ? [] : starts)), ...rounds];
  if (all.length === 0) return undefined;
  const rows = all.map(({ name, timeZone, next, paused }) => [
    `${name}${paused ? " (paused)" : ""}`,
    html`${next.map(({ local, suppressed }) => html`<div>${local}${suppressed === undefined ? "" : ", holiday: it leaves at once"}</div>`)}`,
    timeZone,
    html`${next.map(({ utc }) => html`<div>${utc}</div>`)}`,
  ]);
  return html`<h3>Next starts and rounds</h3>
${table("The next three of each", [{ title: "Job" }, { title: "Local time" }, { title: "Time zone" }, { title: "UTC" }], rows)}`;
}

function access({ access: grants }: StackReport): Markup | undefined {
  if (grants.length === 0) return undefined;
  const groups = [...Map.groupBy(grants, ({ member, role, project }) => `${member}\n${role}\n${project}`).values()];
  const rows = groups.flatMap(([first, ...others]) =>
    first === undefined
      ? []
      : [
          [
            first.everybody ? html`<strong class="delete">${first.member}</strong>` : first.member,
            verbOf(first.role),
            html`${[first, ...others].map(({ target }) => html`<div>${target}</div>`)}`,
            first.project,
          ],
        ],
  );
  return html`<h3>Who may do what</h3>
${table("What the stack grants", [{ title: "Who" }, { title: "May" }, { title: "What" }, { title: "In project" }], rows)}`;
}

function cost({ cost: { items, total, ratesAsOf, assumptions, unpriced, notIncluded } }: StackReport): Markup {
  const rows = [
    ...items.map(({ what, quantity, unit, gross, net }) => [
      what,
      `${Math.round(quantity).toLocaleString("en")} ${unit}`,
      formatDollars(gross),
      formatDollars(net),
    ]),
    ["total", undefined, ...[total.gross, total.net].map((sum) => html`<strong>${formatDollars(sum)}</strong>`)],
  ];
  const columns = [
    { title: "What" },
    { title: "Amount", number: true },
    { title: "Gross", number: true },
    { title: "With the free tier", number: true },
  ] as const;
  const notes = [
    ...unpriced.map((each) => `Not in the total: ${each}.`),
    ...assumptions,
    `Not included: ${notIncluded.join(", ")}.`,
  ];
  return html`<h3>Cost of an average month</h3>
${table(`Rates of ${ratesAsOf}, US dollars`, columns, rows)}
<ul class="quiet">${notes.map((line) => html`<li>${line}</li>`)}</ul>`;
}
