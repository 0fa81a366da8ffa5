/** What differs from another revision, for the page: dangers, words, and each resource to unfold. */
import { count } from "../../domain/findings.ts";
import type { Comparison } from "../compare/comparison.ts";
import type { ResourceChange } from "../compare/resources.ts";
import { comparedWith, costInWords, nouns } from "./compared-text.ts";
import { diffOf } from "./diff.ts";
import { html, type Markup } from "./html-markup.ts";

export function changes(comparison: Comparison): Markup {
  const { state, problems, dangers, notInWords, base } = comparison;
  return html`<p class="quiet">${comparedWith(comparison)}</p>
${state === "failed" ? html`<div class="danger"><p><strong>The program at ${base.ref} could not be run to its end.</strong></p><pre>${problems.join("\n")}</pre></div>` : undefined}
${dangers.length === 0 ? undefined : html`<div class="danger" role="note"><strong>Look twice</strong><ul>${dangers.map(({ text }) => html`<li>${text}</li>`)}</ul></div>`}
${words(comparison)}
${notInWords.length === 0 ? undefined : html`<p>Not compared in words, since the settings at ${base.ref} cannot be read:</p><ul>${notInWords.map((problem) => html`<li>${problem}</li>`)}</ul>`}`;
}

function words({ sentences, cost }: Comparison): Markup | undefined {
  const told = [...Map.groupBy(sentences, ({ about }) => about)].map(
    ([about, those]) =>
      html`<dt>${about}</dt><dd>${those.length === 1 ? those.map(({ text }) => text) : html`<ul>${those.map(({ text }) => html`<li>${text}</li>`)}</ul>`}</dd>`,
  );
  if (told.length === 0 && (cost?.difference.gross ?? 0) === 0) return undefined;
  const money = cost === undefined ? undefined : html`<dt>cost</dt><dd>${costInWords(cost)}</dd>`;
  return html`<h3>What changes</h3><dl class="words">${told}${money}</dl>`;
}

export function resources({ resources: all }: Comparison): Markup | undefined {
  if (all.length === 0) return undefined;
  return html`<h3>${count(all.length, "resource")} that ${all.length === 1 ? "differs" : "differ"}</h3>
${all.map(resource)}`;
}

function resource(change: ResourceChange): Markup {
  const { step, kind, label, facts, urn } = change;
  const lines = diffOf(change).map(({ sign, text }) => {
    if (sign === "+") return html`<ins>+ ${text}</ins>`;
    return sign === "-" ? html`<del>- ${text}</del>` : html`<span>  ${text}</span>`;
  });
  return html`<details><summary><span class="step ${step}">${nouns[step]}</span> ${kind} <strong>${label}</strong></summary><div>
<p class="quiet">${urn}</p>${facts.length === 0 ? undefined : html`<p>${facts.join(" · ")}</p>`}<div class="diff">${lines}</div></div></details>
`;
}
