import { planStack } from "../../domain/plan.ts";
import { configurationOf } from "../../domain/settings/configuration.ts";
import { compare } from "../../preview/compare/comparison.ts";
import { type StackReport, stackReport } from "../../preview/report/model.ts";
import type { DeclaredStack } from "../../preview/resources.ts";
import { type Changes, configuration } from "../domain/settings/whole-stack.ts";
import { declared, outcomesOf } from "./stack-previews.ts";

const now = Date.UTC(2026, 10, 26, 8);

/** Settings as a stack's file has them. */
function written(changes: Changes): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(configuration(changes)).map(([key, value]) => [
      key.includes(":") ? key : `agent-worker:${key}`,
      value,
    ]),
  );
}

/** The real program with a whole stack's settings, before and after some changes: its report, with the comparison. */
export async function comparedReport(after: Changes, before: Changes = {}): Promise<StackReport> {
  const configurations = { before: written(before), after: written(after) };
  const outcomes = await outcomesOf(configurations);
  const sideOf = (name: keyof typeof configurations) => {
    const outcome = outcomes[name];
    const stack = declared(outcome);
    if (!outcome.ok) throw new Error("it was declared");
    return { declared: renamed(stack), plan: planStack(configurationOf(outcome.settings.config, "agent-worker")) };
  };
  const [was, is] = [sideOf("before"), sideOf("after")];
  const report = stackReport(is.declared, is.plan, now);
  return { ...report, comparison: compare({ ref: "main", commit: "0123abc".padEnd(40, "0") }, was, is, now) };

  /** Both are the same stack, `prod`, at two revisions. */
  function renamed(stack: DeclaredStack): DeclaredStack {
    const urns = (text: string) => text.replaceAll(`urn:pulumi:${stack.stack}::`, "urn:pulumi:prod::");
    return { ...walked(stack, urns), stack: "prod" };
  }
}

/** Every text in a model, secrets and unknowns left as they are. */
function walked<T>(value: T, change: (text: string) => string): T {
  if (typeof value === "string") return change(value) as T;
  if (Array.isArray(value)) return value.map((inner) => walked(inner, change)) as T;
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [change(key), walked(inner, change)])) as T;
}

/** The branch of the product's promise, with a replaced resource and a rename of a finding on top. */
export const everything: Changes = {
  "workers.dental.officeHours.week.weekday": { days: "mon-fri", open: "08:30", close: "17:00" },
  "workers.dental.cpu": 4,
  "workers.dental.image": `us-central1-docker.pkg.dev/ortho-ai-485203/agent-repo/dental-agent-worker@sha256:${"1".repeat(64)}`,
  "workers.dental.secrets.LIVEKIT_URL": { secret: "livekit-url", version: "2" },
  "workers.dental.env": { GREETING: "hello" },
  "images.repository": "other-repo",
  protect: false,
  "rounds.retry": { count: 1 },
  "rounds.daily": { morning: "08:15", evening: "20:15" },
  "rounds.general": true,
  "rounds.hospitals": { north: { id: "hospital_n", name: "North Hospital" } },
};

/** What decides the form of a report, and is never somebody else's text. */
const forms = ["state", "step", "level", "option", "topic", "kind", "environment", "parent", "commit"];

/** A report in which every text of somebody else's begins and ends with another. */
export function poisoned<T>(value: T, text: string, key = ""): T {
  if (typeof value === "string") return (forms.includes(key) ? value : `${text}${value}${text}`) as T;
  if (Array.isArray(value)) return value.map((inner) => poisoned(inner, text, key)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, poisoned(inner, text, name)])) as T;
}

/** The report with a remark, and what two policies would tell: of the stack, and of its Job. */
export function withFindings(report: StackReport): StackReport {
  const job = report.resources.find(({ kind }) => kind === "Cloud Run job");
  if (job === undefined) throw new Error("the report has no Job");
  const policies: StackReport["policies"] = [
    {
      rule: "image-pinned",
      level: "mandatory",
      urn: job.urn,
      problem: "the image has no digest.",
      remedy: "Pin it with @sha256:….",
    },
    {
      rule: "retries-repeat-calls",
      level: "advisory",
      problem: "retries call again.",
      remedy: "Set retry.count: 0.",
    },
  ];
  const remarks = [{ path: "rounds.paused", problem: "is on.", remedy: "Say false." }];
  return { ...report, policies, remarks };
}
