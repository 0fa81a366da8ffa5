import { exposedIn, targetUri } from "../../domain/target.ts";
import { isSecretName, looksLikeKey } from "../credentials.ts";
import { known, notYetKnown, ofTypes, type Problem, type ResourceRule } from "../rule.ts";
import { SCHEDULER_JOB } from "../types.ts";
import { isHidden, isMap, type Value } from "../value.ts";

export const schedulerUri: ResourceRule = {
  name: "scheduler-uri",
  title: "A scheduled call goes to an https address, with no credential in address or headers",
  level: "mandatory",
  why: "Address and headers are shown by previews, states, logs and the console.",
  remedy:
    "Give the https URL without user, query and fragment, a bare host with a slash at the end; the token is all that a target needs.",
  from: [15],
  frameworks: [
    {
      name: "HIPAA Security Rule",
      version: "45 CFR 164",
      reference: "164.312(e)(1)",
      specification: "Guard against unauthorized access to information that is being transmitted over a network",
    },
  ],
  appliesTo: ofTypes(SCHEDULER_JOB),
  check: ({ inputs }) =>
    known(inputs, "httpTarget", (target) =>
      !isMap(target)
        ? []
        : [
            ...known(target, "uri", (uri) => uriProblems(typeof uri === "string" ? uri : "")),
            ...known(target, "headers", (headers) =>
              isMap(headers) ? Object.entries(headers).flatMap(([header, value]) => headerProblems(header, value)) : [],
            ),
          ],
    ),
};

function uriProblems(text: string): readonly Problem[] {
  const url = URL.parse(text);
  if (url === null) return [{ problem: "httpTarget.uri is not a URL." }];
  const exposed = exposedIn(url).map((reason) => ({ problem: `httpTarget.uri cannot be called: ${reason}.` }));
  if (looksLikeKey(decoded(url.pathname)))
    return [...exposed, { problem: "the path of httpTarget.uri holds what looks like a credential." }];
  if (exposed.length > 0 || url.pathname !== "/" || targetUri(text) === text) return exposed;
  return [
    { problem: "httpTarget.uri is a bare host without a slash at the end: every preview would show a difference." },
  ];
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // a sign of percent that begins nothing is looked at as it is
  }
}

/** Those that tell repeated calls apart are named like a key, and are none. */
const NO_CREDENTIAL = /^(?:x-)?(?:idempotency|request|cache)-key$/i;

function headerProblems(header: string, value: Value): readonly Problem[] {
  const named = /^(?:proxy-)?authorization$|^cookie$/i.test(header) || isSecretName(header);
  if (named && !NO_CREDENTIAL.test(header)) return [{ problem: `the header ${header} carries a credential.` }];
  // By itself: a dot in its name begins no path.
  if (isHidden(value)) return [notYetKnown(`httpTarget.headers.${header}`, value)];
  return looksLikeKey(String(value)) ? [{ problem: `the header ${header} holds what looks like a credential.` }] : [];
}
