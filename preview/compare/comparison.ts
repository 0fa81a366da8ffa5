/** A stack at another revision and in the working tree, compared: all that the reports tell of it. */
import { monthlyCost } from "../../domain/cost.ts";
import { FindingsError } from "../../domain/findings.ts";
import type { StackPlan } from "../../domain/plan.ts";
import type { Dollars } from "../../domain/prices.ts";
import type { Instant } from "../../domain/zone.ts";
import type { DeclaredStack } from "../resources.ts";
import { accessSentences } from "./access.ts";
import { abandoned, type Danger, dangersOf } from "./dangers.ts";
import { protectionSentences } from "./protection.ts";
import { changedResources, type ResourceChange, type Step } from "./resources.ts";
import type { Sentence } from "./sentence.ts";
import { planSentences } from "./sentences.ts";

/** The revision that the working tree is compared with. */
export interface Revision {
  /** As it was given: `origin/main`. */
  readonly ref: string;
  /** The commit's full hash. */
  readonly commit: string;
}

/** One side of a comparison. */
export interface Side {
  readonly declared: DeclaredStack;
  /** What our own domain makes of its settings; or why it can make nothing of them. */
  readonly plan: StackPlan | FindingsError;
}

export interface CostChange {
  readonly before: Money;
  readonly after: Money;
  readonly difference: Money;
}

/** Dollars an average month, before and after the free tier. */
export interface Money {
  readonly gross: Dollars;
  readonly net: Dollars;
}

export interface Comparison {
  readonly base: Revision;
  /** `new`: the revision lacks the stack. `removed`: the working tree does. `failed`: the revision's program did. */
  readonly state: "compared" | "new" | "removed" | "failed";
  /** Why nothing was compared, in the words of the revision's program; empty unless `failed`. */
  readonly problems: readonly string[];
  /** Resources of providers; components are not counted. */
  readonly counts: Readonly<Record<Step | "same", number>>;
  readonly dangers: readonly Danger[];
  readonly sentences: readonly Sentence[];
  /** Why there are fewer sentences, and no costs: the settings of the revision mean nothing to this version. */
  readonly notInWords: readonly string[];
  readonly cost: CostChange | undefined;
  readonly resources: readonly ResourceChange[];
}

/** @param now what "next" means */
export function compare(base: Revision, before: Side | undefined, after: Side | undefined, now: Instant): Comparison {
  const [old, is] = [before?.declared, after?.declared];
  const resources = changedResources(old, is);
  const state = before === undefined ? "new" : after === undefined ? "removed" : "compared";
  const [planned, plan] = [planOf(before), planOf(after)];
  const from = state === "new" && plan !== undefined ? emptied(plan) : planned;
  const settings = from === undefined || plan === undefined ? [] : planSentences(from, plan, now);
  return {
    base,
    state,
    problems: [],
    counts: countsOf(resources, is),
    dangers: state === "new" ? [] : state === "removed" ? [abandoned(resources)] : dangersOf(resources, old, is),
    // What a new stack gives rights to is all there is: it stands in a table of its own.
    sentences:
      state === "compared" ? [...settings, ...accessSentences(old, is), ...protectionSentences(resources)] : settings,
    notInWords: before?.plan instanceof FindingsError ? before.plan.findings.map(inLine) : [],
    cost: costChange(before, after, now),
    resources,
  };
}

/** The same stack with nobody at work in it: what a new one is compared with. */
function emptied(plan: StackPlan): StackPlan {
  const { rounds: _, ...settings } = plan.settings;
  return { ...plan, settings: { ...settings, workers: {} }, workers: [], rounds: undefined, secrets: [] };
}

/** A comparison that there is not: the program of the other revision could not be run to its end. */
export function notCompared(base: Revision, problems: readonly string[]): Comparison {
  const counts = { create: 0, update: 0, replace: 0, delete: 0, rename: 0, same: 0 };
  return {
    base,
    state: "failed",
    problems: problems.flatMap((problem) => problem.split("\n")),
    counts,
    dangers: [],
    sentences: [],
    notInWords: [],
    cost: undefined,
    resources: [],
  };
}

function planOf(side: Side | undefined): StackPlan | undefined {
  return side === undefined || side.plan instanceof FindingsError ? undefined : side.plan;
}

const inLine = ({ path, problem }: { readonly path: string; readonly problem: string }) => `${path} ${problem}`;

function countsOf(changes: readonly ResourceChange[], after: DeclaredStack | undefined): Comparison["counts"] {
  const things = changes.filter(({ custom }) => custom);
  const count = (step: Step) => things.filter((change) => change.step === step).length;
  const steps = {
    create: count("create"),
    update: count("update"),
    replace: count("replace"),
    delete: count("delete"),
    rename: count("rename"),
  };
  const declared = (after?.resources ?? []).filter(({ custom }) => custom).length;
  const touched = things.length - steps.delete;
  return { ...steps, same: declared - touched };
}

/** Nothing costs nothing: a stack that is new, or gone. Undefined where a side cannot be worked out. */
function costChange(before: Side | undefined, after: Side | undefined, now: Instant): CostChange | undefined {
  const [was, is] = [costOf(before, now), costOf(after, now)];
  if (was === undefined || is === undefined) return undefined;
  return { before: was, after: is, difference: { gross: money(is.gross - was.gross), net: money(is.net - was.net) } };
}

function costOf(side: Side | undefined, now: Instant): Money | undefined {
  if (side === undefined) return { gross: 0, net: 0 };
  if (side.plan instanceof FindingsError) return undefined;
  const date = new Date(now);
  const from = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1); // as in the report: the same in all previews of a month
  const { gross, net } = monthlyCost(side.plan, from, side.plan.alerts).total;
  return { gross: money(gross), net: money(net) };
}

/** To a hundredth of a cent. */
const money = (amount: Dollars): Dollars => Math.round(amount * 10_000) / 10_000;
