import { labelForm } from "../../domain/labels.ts";
import { known, ofTypes, type Problem, type ResourceRule } from "../rule.ts";
import { ALERT_POLICY, CHANNEL, JOB, REPOSITORY, SECRET_RESOURCE, SERVICE, WORKER_POOL } from "../types.ts";
import { isMap } from "../value.ts";

/** Where each type has its labels: a Job's executions have their own. */
const places: Readonly<Record<string, readonly string[]>> = {
  [JOB]: ["labels", "template.labels"],
  [SERVICE]: ["labels"],
  [WORKER_POOL]: ["labels"],
  [SECRET_RESOURCE]: ["labels"],
  [REPOSITORY]: ["labels"],
  [ALERT_POLICY]: ["userLabels"],
  [CHANNEL]: ["userLabels"],
};

export const labels: ResourceRule = {
  name: "labels",
  title: "What takes labels says what it belongs to, and who pays",
  level: "mandatory in prod",
  why: "At night it has to be plain whose it is, and on the invoice what it was for.",
  remedy:
    "Set labels in the settings, such as { owner: voice-platform, cost-center: clinics }; the others the stack sets itself.",
  from: [25],
  parameters: {
    required: {
      default: ["environment", "component", "managed-by", "owner", "cost-center"],
      meaning: "Names of the labels that must be there",
    },
  },
  appliesTo: ofTypes(...Object.keys(places)),
  check: ({ type, inputs }, { parameters: { required = [] } }) =>
    (places[type] ?? []).flatMap((path) =>
      known(inputs, path, (value) => {
        const given = isMap(value) ? value : {};
        const missing = required.filter((label) => given[label] === undefined || given[label] === "");
        return [
          ...(missing.length === 0 ? [] : [{ problem: `${path} lacks ${missing.join(", ")}.` }]),
          ...Object.keys(given).flatMap((label) =>
            known(given, label, (text) => spelling(`${path}.${label}`, label, text)),
          ),
        ];
      }),
    ),
};

function spelling(path: string, label: string, text: unknown): readonly Problem[] {
  if (labelForm.name.test(label) && labelForm.value.test(String(text))) return [];
  return [
    { problem: `${path} is no label: at most 63 lower-case letters, digits, - and _, a letter first in its name.` },
  ];
}
