/** Rules about alerts, labels and images' keeping. */
import { CHANNEL } from "../../../policies/types.ts";
import { SECRET, UNKNOWN } from "../../../policies/value.ts";
import * as make from "../resources.ts";
import { type Cases, one } from "./case.ts";

const { alert, job, repository, round, start } = make;
const CHANNELS = "notificationChannels";
const QUERY = "conditions.0.conditionPrometheusQueryLanguage.query";
const BODY = "httpTarget.body";
const inStaging = { facts: { environment: "staging" } } as const;

export const watching: Readonly<Record<string, Cases>> = {
  "alert-told": {
    passes: [
      one("a channel that is still to be made", alert()),
      one("one that exists", alert({ [CHANNELS]: ["projects/p/notificationChannels/1"] })),
    ],
    fails: [
      one("no channel", alert({ [CHANNELS]: [] }), { says: /nobody/ }),
      one("channels left out", alert({ [CHANNELS]: undefined })),
      one("an alert that is switched off", alert({ enabled: false }), { says: /disabled/ }),
    ],
    unknown: [
      one("the whole list", alert({ [CHANNELS]: UNKNOWN })),
      one("whether it is switched off", alert({ enabled: UNKNOWN })),
    ],
    notApplicable: [one("a Job", job())],
  },
  "alert-runbook": {
    passes: [one("an alert of ours", alert()), one("on the logs", make.logged())],
    fails: [
      one("no severity", alert({ severity: undefined }), { says: /severity is left out/ }),
      one("a severity that there is not", alert({ severity: "FATAL" }), { says: /severity is FATAL/ }),
      one("no words", alert({ documentation: undefined }), { says: /documentation/ }),
      one("empty words", alert({ "documentation.content": "  " })),
      one(
        "a metric that there is not",
        alert({
          conditions: [
            { conditionThreshold: { filter: 'metric.type="cloudscheduler.googleapis.com/job/attempt_count"' } },
          ],
        }),
        { says: /has none/ },
      ),
      one("the same in PromQL", alert({ [QUERY]: "rate(cloudscheduler_googleapis_com:job_attempt_count[5m])>0" })),
      one("the same, quoted", alert({ [QUERY]: '{"cloudscheduler.googleapis.com/job/attempt_count"}>0' })),
    ],
    unknown: ["severity", "documentation.content", "conditions", QUERY].map((path) =>
      one(path, alert({ [path]: UNKNOWN })),
    ),
    notApplicable: [one("a Job", job())],
  },
  labels: {
    passes: [
      one("all five", job()),
      one("an alert's", alert()),
      one("fewer, where fewer are asked", job({ labels: { owner: "o" }, "template.labels": { owner: "o" } }), {
        parameters: { required: ["owner"] },
      }),
    ],
    fails: [
      one("none", make.secret({ labels: undefined }), {
        says: /lacks environment, component, managed-by, owner, cost-center/,
      }),
      one("no owner", job({ "labels.owner": undefined }), { says: /^labels lacks owner/ }),
      one("an empty one", job({ "labels.owner": "" })),
      one("none on what a Job runs", job({ "template.labels": undefined }), { says: /template\.labels/ }),
      one("none on an alert", alert({ userLabels: {} })),
      one("capital letters", repository({ "labels.owner": "Voice" }), { says: /is no label/ }),
    ],
    unknown: [
      one("labels", repository({ labels: UNKNOWN })),
      one("one of them", repository({ "labels.owner": UNKNOWN })),
    ],
    notApplicable: [one("a scheduler job, which has none", start()), one("an account, which has none", make.account())],
  },
  "no-patient-data": {
    passes: [
      one("a round's body", round()),
      one("a worker", job()),
      one(
        "an alert that speaks of patients",
        alert({ "documentation.content": "Patients may not have been called. Since 2026-11-22 08:15." }),
      ),
      one(
        "an id of ten digits, as hospitals in the US have",
        round({ [BODY]: make.base64({ hospitalId: "1234567893" }) }),
      ),
      one("a cost centre of ten digits", job({ "labels.cost-center": "1000123456" })),
      one("a time in seconds", round({ [BODY]: make.base64({ from: 1764230000, to: 1764233600 }) })),
      one(
        "words that only begin like a patient's",
        job({ "labels.patient-facing": "yes", "labels.phone-provider": "x" }),
      ),
      one("whom to ask", job({ "labels.owner-email": "voice", "labels.oncall-phone": "desk" })),
      one("a service account", alert({ "documentation.content": `Give ${make.email} the right.` })),
    ],
    fails: [
      one("a name in the body", round({ [BODY]: make.base64({ patients: [{ name: "A" }] }) }), { says: /patients/ }),
      one("a phone number in the body", round({ [BODY]: make.base64({ call: "+1 (212) 555-0100" }) }), {
        says: /phone number/,
      }),
      one("a phone number in plain text", round({ [BODY]: Buffer.from("call +12125550100").toString("base64") })),
      one("deep in the body", round({ [BODY]: make.base64({ list: [{ to: { phone: "1" } }] }) })),
      one("a label", job({ "labels.patient": "jane" }), { says: /patient/ }),
      one("a number as a label", job({ "labels.contact": "12125550100" }), { says: /phone number/ }),
      ...[
        { patientIds: ["p1"] },
        { patientEmail: "x" },
        { patientNames: ["Jane"] },
        { patientPhone: "x" },
        { phoneNumbers: ["x"] },
        { dateOfBirth: "x" },
        { date_of_birth: "x" },
        { medicalRecordNumber: "x" },
      ].map((body) =>
        one(`a body with ${Object.keys(body).join()}`, round({ [BODY]: make.base64(body) }), {
          says: /tells of a person/,
        }),
      ),
      ...[
        { callback: "(555) 123-4567" },
        { say: "call 555-123-4567 today" },
        { to: 15551234567 },
        { to: ["5551234567"] },
        { contactNumber: "03001234567" },
      ].map((body) =>
        one(`a body with a phone number like ${JSON.stringify(body)}`, round({ [BODY]: make.base64(body) }), {
          says: /phone number/,
        }),
      ),
      one("a mail address in the body", round({ [BODY]: make.base64({ contact: "jane.doe@example.com" }) }), {
        says: /mail address/,
      }),
      one("a social security number in the body", round({ [BODY]: make.base64({ note: "123-45-6789" }) }), {
        says: /social security/,
      }),
      one("a number in an alert, as Americans write it", alert({ "documentation.content": "Call (555) 123-4567." })),
      one("a mail address in an alert", alert({ "documentation.content": "Ask jane.doe@example.com." })),
      one("a number in what an alert's mail is about", alert({ "documentation.subject": "Call +1 555 123 4567" })),
      one("a number in an alert's name", alert({ displayName: "Call +1 555 123 4567" })),
      one("a number in an alert", alert({ "documentation.content": "Call +92 300 1234567." }), {
        says: /phone number/,
      }),
    ],
    unknown: [
      one("the body", round({ [BODY]: UNKNOWN })),
      one("labels", job({ labels: UNKNOWN })),
      one("one label", job({ "labels.ref": UNKNOWN })),
      one("an alert's words", alert({ "documentation.content": UNKNOWN })),
      one("an alert's name", alert({ displayName: UNKNOWN })),
    ],
    notApplicable: [
      one(
        "whom a channel tells",
        make.resource(CHANNEL, { type: "webhook_tokenauth", labels: { url: SECRET, email: "oncall@example.com" } }),
      ),
      one("an account", make.account()),
      one("a start, which has no body", start()),
    ],
  },
  "image-repository": {
    passes: [
      one("cleaned up, tags fixed", repository()),
      one("tags that may move, in staging", repository({ dockerConfig: undefined }), inStaging),
    ],
    fails: [
      one("never cleaned up", repository({ cleanupPolicies: [] })),
      one("no word on it", repository({ cleanupPolicies: undefined })),
      one("policies that keep alone", repository({ cleanupPolicies: [{ id: "newest", action: "KEEP" }] }), {
        says: /delete nothing/,
      }),
      one(
        "tags that may move, of a format in small letters",
        repository({ format: "docker", dockerConfig: undefined }),
      ),
      one("cleaned up for show", repository({ cleanupPolicyDryRun: true }), { says: /DryRun/ }),
      one("tags that may move, in prod", repository({ dockerConfig: undefined }), { says: /immutableTags/ }),
    ],
    unknown: [
      "cleanupPolicies",
      "cleanupPolicies.0",
      "cleanupPolicies.0.action",
      "cleanupPolicyDryRun",
      "dockerConfig",
    ].map((path) => one(path, repository({ [path]: UNKNOWN }))),
    notApplicable: [one("a Job", job())],
  },
};
