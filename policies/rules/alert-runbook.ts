import { known, knownText, ofTypes, type Problem, type ResourceRule } from "../rule.ts";
import { ALERT_POLICY } from "../types.ts";
import { isMap, type Properties } from "../value.ts";
import { inEach } from "../workloads.ts";

/** Cloud Scheduler publishes no metric of use: https://docs.cloud.google.com/monitoring/api/metrics_gcp (November 2026) */
const NO_SUCH_METRIC =
  /metric\.type\s*=\s*"cloudscheduler\.googleapis\.com\/|cloudscheduler_googleapis_com:|\{"cloudscheduler\.googleapis\.com\//;

const QUERIES = [
  "conditionThreshold.filter",
  "conditionAbsent.filter",
  "conditionMatchedLog.filter",
  "conditionPrometheusQueryLanguage.query",
];

export const alertRunbook: ResourceRule = {
  name: "alert-runbook",
  title: "Every alert says how bad it is and what to do, and looks at something that exists",
  level: "mandatory",
  why: "Whoever is woken has to know what to do first; and an alert on a metric that Google does not publish never tells anything.",
  remedy:
    "Give severity, documentation.content with the first steps, and a query on Cloud Run's metrics or on the logs.",
  from: [24],
  appliesTo: ofTypes(ALERT_POLICY),
  check: ({ inputs }) => [
    ...known(inputs, "severity", (severity) =>
      ["CRITICAL", "ERROR", "WARNING"].includes(String(severity))
        ? []
        : [{ problem: `severity is ${severity === undefined ? "left out" : String(severity)}.` }],
    ),
    ...knownText(inputs, "documentation.content", (content) =>
      content.trim() === "" ? [{ problem: "documentation.content is left out: nobody is told what to do." }] : [],
    ),
    ...inEach(inputs, "conditions", (condition, path) => (isMap(condition) ? queryProblems(condition, path) : [])),
  ],
};

function queryProblems(condition: Properties, path: string): readonly Problem[] {
  return QUERIES.flatMap((query) =>
    knownText(condition, query, (text) =>
      NO_SUCH_METRIC.test(text)
        ? [{ problem: `${path}.${query} reads a metric of Cloud Scheduler, which has none.` }]
        : [],
    ),
  );
}
