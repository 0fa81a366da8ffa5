import { known, notYetKnown, type Problem, type ResourceRule } from "../rule.ts";
import { ALERT_POLICY, CHANNEL, SCHEDULER_JOB } from "../types.ts";
import { isHidden, isMap, type Value } from "../value.ts";

/** Whom to ask is no patient: `owner-email`. */
const NOT_OF_STAFF = "(?<!(?:account|owner|team|on ?call|admin|support|billing) )";

/** How keys end under which a person is described, word by word: `patientIds` and `patient-facing` are two things. */
const ABOUT_A_PERSON = new RegExp(
  `(?:^address(?:es)?|(?:^| )(?:${[
    "patients?",
    "(?:patient|first|last|full|given|family|middle|maiden) ?(?:name|id)s?",
    `${NOT_OF_STAFF}(?:(?:tele|cell ?)?phones?|mobiles?)(?: ?numbers?)?`,
    `${NOT_OF_STAFF}e ?mails?(?: ?address(?:es)?)?`,
    "(?:patient|home|street|postal) address(?:es)?",
    "dobs?",
    "births?(?: ?(?:date|day)s?)?",
    "ssns?",
    "social security(?: numbers?)?",
    "mrns?",
    "medical ?records?(?: ?(?:number|id)s?)?",
    "diagnos[ie]s",
    "insurances?(?: ?(?:id|number)s?)?",
  ].join("|")}))$`,
);

/** How keys end under which somebody is called: digits alone are a phone number only there, and else an id. */
const CALLED = /(?:^| )(?:to|call|callers?|callees?|call ?backs?|contacts?|recipients?|numbers?|dial|tel)$/;

const looksLike: readonly (readonly [what: string, form: RegExp])[] = [
  // Ten to fifteen digits, as people write phone numbers.
  ["a phone number", /(?<![\w.])\+\d(?:[ ().-]{0,3}\d){8,13}(?!\d)/],
  ["a phone number", /(?<![\w.-])(?:1[ .-])?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ .-])\d{3}[ .-]\d{4}(?![\w-])/],
  ["a social security number", /(?<![\w.-])\d{3}-\d{2}-\d{4}(?![\w-])/],
  // A service account is nobody.
  ["a mail address", /(?<![\w.+-])[\w.+-]+@(?![\w.-]*gserviceaccount\.com\b)[\w-]+(?:\.[\w-]+)+/],
];

/** A number of ten digits with or without the 1 of North America, or a national one: no time in seconds. */
const DIGITS = /^(?:1?[2-9]\d{9}|0\d{9,10})$/;

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
      ? ["displayName", "documentation.subject", "documentation.content"].flatMap((path) =>
          known(inputs, path, (text) => textProblems(String(text ?? ""), path)),
        )
      : []),
  ],
};

function bodyProblems(body: string): readonly Problem[] {
  const text = Buffer.from(body, "base64").toString("utf8");
  return personIn(parsed(text) ?? text, "httpTarget.body", "to");
}

function parsed(text: string): Value | undefined {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return undefined; // plain text is looked at as it is
  }
}

/** @param key the words of the key that the value is under */
function personIn(value: Value, path: string, key = ""): readonly Problem[] {
  if (isHidden(value)) return [notYetKnown(path, value)];
  if (Array.isArray(value)) return value.flatMap((item, index) => personIn(item, `${path}.${index}`, key));
  if (!isMap(value)) {
    const text = String(value);
    return CALLED.test(key) && DIGITS.test(text) ? holds(path, "a phone number") : textProblems(text, path);
  }
  return Object.entries(value).flatMap(([name, item]) => {
    const words = wordsOf(name);
    return ABOUT_A_PERSON.test(words)
      ? [{ problem: `${path} has ${name}, which tells of a person.` }]
      : personIn(item, `${path}.${name}`, words);
  });
}

function textProblems(text: string, path: string): readonly Problem[] {
  const found = looksLike.find(([, form]) => form.test(text));
  return found === undefined ? [] : holds(path, found[0]);
}

function holds(path: string, what: string): readonly Problem[] {
  return [{ problem: `${path} holds what looks like ${what}.` }];
}

/** `dateOfBirth`, `date_of_birth` and `Date-of-Birth` are the same words. */
function wordsOf(key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/[^A-Za-z]+/g, " ")
    .trim()
    .toLowerCase();
}
