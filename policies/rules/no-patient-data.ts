import { known, notYetKnown, type Problem, type ResourceRule } from "../rule.ts";
import { ALERT_POLICY, CHANNEL, SCHEDULER_JOB } from "../types.ts";
import { isHidden, isMap, type Value } from "../value.ts";

/** Keys under which a person is described. */
const ABOUT_A_PERSON =
  /^(patients?|(patient|first|last|full|given|family)[-_ ]?(name|id)|phone([-_ ]?number)?|mobile|e-?mail|dob|birth([-_ ]?(date|day))?|ssn|mrn|address|diagnos[ie]s|insurance([-_ ]?id)?)$/i;

/** Ten to fifteen digits, as people write phone numbers. */
const PHONE = /(?<![\w.])\+\d(?:[ ().-]{0,3}\d){8,13}(?!\d)/;

/** What a notification channel calls its labels is whom it tells, its own secrets included. */
function labelsOf(type: string): readonly string[] {
  return type === CHANNEL ? ["userLabels"] : ["labels", "userLabels", "template.labels"];
}

export const noPatientData: ResourceRule = {
  name: "no-patient-data",
  title: "Nothing about patients is in labels, in the bodies of scheduled calls, or in what alerts say",
  level: "mandatory",
  why: "These are read by everybody who may see the project, and reach invoices, logs and mail.",
  remedy: "Send an id that only the agent can resolve, such as hospitalId, and keep the rest in the database.",
  from: [25],
  appliesTo: () => true,
  check: ({ type, inputs }) => [
    ...labelsOf(type).flatMap((path) => known(inputs, path, (labels) => (isMap(labels) ? personIn(labels, path) : []))),
    ...(type === SCHEDULER_JOB
      ? known(inputs, "httpTarget.body", (body) => (typeof body === "string" ? bodyProblems(body) : []))
      : []),
    ...(type === ALERT_POLICY
      ? known(inputs, "documentation.content", (content) =>
          PHONE.test(String(content ?? "")) ? [{ problem: "documentation.content holds a phone number." }] : [],
        )
      : []),
  ],
};

function bodyProblems(body: string): readonly Problem[] {
  const text = Buffer.from(body, "base64").toString("utf8");
  return personIn(parsed(text) ?? text, "httpTarget.body");
}

function parsed(text: string): Value | undefined {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return undefined; // plain text is looked at as it is
  }
}

function personIn(value: Value, path: string): readonly Problem[] {
  if (isHidden(value)) return [notYetKnown(path, value)];
  if (Array.isArray(value)) return value.flatMap((item, index) => personIn(item, `${path}.${index}`));
  if (!isMap(value)) {
    const isPhone = PHONE.test(String(value)) || (typeof value === "string" && /^1?\d{10}$/.test(value));
    return isPhone ? [{ problem: `${path} holds what looks like a phone number.` }] : [];
  }
  return Object.entries(value).flatMap(([key, item]) =>
    ABOUT_A_PERSON.test(key)
      ? [{ problem: `${path} has ${key}, which tells of a person.` }]
      : personIn(item, `${path}.${key}`),
  );
}
