/** When somebody is woken, and who. */
import type { AlertPolicyPlan, AlertsPlan } from "../../domain/alerts/plan.ts";
import { formatDuration } from "../../domain/duration.ts";
import { count } from "../../domain/findings.ts";
import type { StackPlan } from "../../domain/plan.ts";
import type { AlertsSettings } from "../../domain/settings/alerts.ts";
import { fromTo, ifChanged, type Sentence, sides } from "./sentence.ts";

type Threshold = Exclude<keyof AlertsSettings, "channels">;

const share = (part: number): string => `${Number((part * 100).toFixed(1))}%`;

/** Every threshold in words, and how its value is written. */
const thresholds: Readonly<Record<Threshold, { readonly words: string; readonly written: (value: number) => string }>> =
  {
    failureRate: { words: "failed attempts in an hour: alert over", written: share },
    retryRate: { words: "retried rounds in a day: alert over", written: share },
    consecutiveFailures: { words: "failures in a row: alert at", written: String },
    agentLatencyP95: { words: "the agent's p95: alert over", written: formatDuration },
    roundDuration: { words: "duration of a round: alert over", written: formatDuration },
    startWithin: { words: "a start or round is missed after", written: formatDuration },
    heartbeatSilence: { words: "a running worker is silent: alert after", written: formatDuration },
  };

export function alertSentences(before: StackPlan, after: StackPlan): readonly Sentence[] {
  const [was, is] = [before.settings.alerts, after.settings.alerts];
  const [old, now] = [before.alerts, after.alerts];
  if (was === undefined && is === undefined) return [];
  if (was === undefined) return [said(`new: ${count(now?.policies.length ?? 0, "policy").replace(/ys$/, "ies")}`)];
  if (is === undefined) return [said("none any more: nobody is told when a worker or a round fails")];
  return [
    ...(Object.keys(thresholds) as Threshold[]).flatMap((key) =>
      ifChanged(
        "alerts",
        "alerts",
        thresholds[key].words,
        thresholds[key].written(was[key]),
        thresholds[key].written(is[key]),
      ),
    ),
    ...channels(was, is),
    ...policies(old, now),
  ];
}

const said = (text: string): Sentence => ({ topic: "alerts", about: "alerts", text });

/** By key and kind: an address or a webhook may be nobody's business. */
function channels(was: AlertsSettings, is: AlertsSettings): readonly Sentence[] {
  const { added, removed, kept } = sides(was.channels, is.channels);
  const kind = (channel: object) => Object.entries(channel).find(([, value]) => value !== undefined)?.[0] ?? "";
  const changed = kept.filter(([, old, now]) => JSON.stringify(old) !== JSON.stringify(now));
  return [
    ...added.map(([key, channel]) => said(`tell ${key} too (${kind(channel)})`)),
    ...removed.map(([key, channel]) => said(`no longer tell ${key} (${kind(channel)})`)),
    ...changed.map(([key, old, now]) =>
      said(`${key} is told ${kind(old) === kind(now) ? `by another ${kind(now)}` : fromTo(kind(old), kind(now))}`),
    ),
  ];
}

function policies(was: AlertsPlan | undefined, is: AlertsPlan | undefined): readonly Sentence[] {
  const { added, removed, kept } = sides(byKey(was), byKey(is));
  const titlesOf = (all: readonly (readonly [string, AlertPolicyPlan])[]) => [
    ...new Set(all.map(([, { displayName }]) => watchOf(displayName))),
  ];
  const [come, gone] = [titlesOf(added), titlesOf(removed)];
  const moved = come.filter((title) => gone.includes(title));
  const quoted = (titles: readonly string[]) => titles.map((title) => `“${title}”`).join(", ");
  const told = (words: string, titles: readonly string[]) =>
    titles.length === 0 ? [] : [said(`${words}: ${quoted(titles)}`)];
  const severities = kept.filter(([, old, now]) => old.severity !== now.severity);
  // What a policy says follows from names, hours and thresholds, of which other sentences tell.
  const otherwise = kept.filter(([, old, now]) => JSON.stringify(old.condition) !== JSON.stringify(now.condition));
  return [
    ...told(
      "new",
      come.filter((title) => !moved.includes(title)),
    ),
    ...told(
      "gone",
      gone.filter((title) => !moved.includes(title)),
    ),
    ...severities.map(([, old, now]) => said(`“${now.displayName}” ${fromTo(old.severity, now.severity)}`)),
    ...told("watching the new hours or jobs", [
      ...moved,
      ...otherwise.map(([, , { displayName }]) => watchOf(displayName)),
    ]),
  ];
}

/**
 * What a policy watches, without whose hours: absences have a policy for each calendar, whose title names it, so that
 * other hours are another policy.
 */
export const watchOf = (displayName: string): string => displayName.split(", ")[0] ?? displayName;

const byKey = (plan: AlertsPlan | undefined): Readonly<Record<string, AlertPolicyPlan>> =>
  Object.fromEntries((plan?.policies ?? []).map((policy) => [`${policy.key} ${policy.project}`, policy]));
