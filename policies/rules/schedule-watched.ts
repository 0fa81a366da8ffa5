import { isError } from "../../domain/alerts/log-filter.ts";
import { notYetKnown, type Problem, type StackResource, type StackRule } from "../rule.ts";
import { ALERT_POLICY, METRIC, SCHEDULER_JOB } from "../types.ts";
import { at, isHidden, isList, UNKNOWN, type Value } from "../value.ts";

/** What a scheduler job is looked after for, with the names that occur in the queries that do. */
interface Watched {
  readonly names: ReadonlySet<string>;
  /** Whether a query is not known yet, which may be the one. */
  readonly undecided: boolean;
}

export const scheduleWatched: StackRule = {
  name: "schedule-watched",
  title: "Every scheduled job has an alert for its failure, and one for not having been tried",
  level: "mandatory in prod",
  why: "Nobody starts the worker, or calls the patients, and no metric of Google's shows it.",
  remedy: "Declare alerts in the settings: they watch every start and every round.",
  from: [24],
  checkStack: (resources) => {
    const conditions = resources
      .filter(({ type, inputs }) => type === ALERT_POLICY && inputs.enabled !== false)
      .flatMap(({ inputs }): readonly Value[] => {
        if (isHidden(inputs.enabled)) return [inputs.enabled];
        const list = at(inputs, "conditions");
        return isList(list) ? list : list === undefined ? [] : [list];
      });
    const queries = conditions
      .map((condition) => at(condition, "conditionPrometheusQueryLanguage.query"))
      .filter((query) => query !== undefined);
    const failure = failures(conditions, queries, resources);
    const missed = watchedBy(queries.filter((query) => isHidden(query) || isAbsence(query)));
    return resources
      .filter(({ type }) => type === SCHEDULER_JOB)
      .flatMap((resource) => {
        const name = at(resource.inputs, "name");
        if (typeof name !== "string") return [{ ...notYetKnown("name", isHidden(name) ? name : undefined), resource }];
        // One that the settings pause is not expected.
        const expected =
          at(resource.inputs, "paused") === true
            ? []
            : unwatched(name, missed, "has no alert for when Cloud Scheduler does not even try");
        return [...unwatched(name, failure, "has no alert for its failure"), ...expected].map((problem) => ({
          ...problem,
          resource,
        }));
      });
  },
};

function unwatched(name: string, { names, undecided }: Watched, problem: string): readonly Problem[] {
  if (names.has(name)) return [];
  return undecided
    ? [
        {
          ...notYetKnown("the query of an alert"),
          problem: `whether ${name} ${problem} is not yet known: this rule cannot decide.`,
        },
      ]
    : [{ problem: `${problem}.` }];
}

/** A failure is seen in the log itself, or in a metric that counts errors in it and that a query reads. */
function failures(
  conditions: readonly Value[],
  queries: readonly Value[],
  resources: readonly StackResource[],
): Watched {
  const read = words(queries);
  const counted = resources
    .filter(({ type, inputs }) => type === METRIC && inputs.disabled !== true)
    .map(({ inputs }): Value | undefined => {
      if (typeof inputs.name !== "string" || isHidden(inputs.disabled)) return UNKNOWN;
      return read.has(`user_${inputs.name}`) ? inputs.filter : undefined;
    });
  const logged = conditions.map((condition) => at(condition, "conditionMatchedLog.filter"));
  return watchedBy([...logged, ...counted].filter((filter) => isHidden(filter) || isOfErrors(filter)));
}

function isOfErrors(filter: Value | undefined): boolean {
  return typeof filter === "string" && filter.includes(isError);
}

/** Only what names each job as a series of its own can find the one of which there is nothing. */
function isAbsence(query: Value): boolean {
  return typeof query === "string" && query.includes("label_replace(vector(1)") && query.includes("unless");
}

function watchedBy(texts: readonly (Value | undefined)[]): Watched {
  return { names: words(texts), undecided: texts.some(isHidden) };
}

/** What a filter or a query leaves out: `job_id!="a"`, `job_id!~"a|b"`, `NOT job_id="a"`, `-job_id="a"`. */
const LEFT_OUT = /(?:![=~]|(?:\bNOT\s+|(?<![\w"])-)[\w.]+\s*(?:=~?|:(?=\s*["(])))\s*(?:"[^"]*"|\([^)]*\)|[^\s,})]+)/g;

function words(texts: readonly (Value | undefined)[]): ReadonlySet<string> {
  return new Set(
    texts.flatMap((text) => (typeof text === "string" ? text.replace(LEFT_OUT, " ").split(/[^A-Za-z0-9_-]+/) : [])),
  );
}
