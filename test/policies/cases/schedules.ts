/** Rules about what Cloud Scheduler calls. */
import { UNKNOWN } from "../../../policies/value.ts";
import * as make from "../resources.ts";
import { type Cases, one, several } from "./case.ts";

const { job, round, start } = make;
const URI = "httpTarget.uri";
const OAUTH = { serviceAccountEmail: make.starter };
const QUERY = "conditions.0.conditionPrometheusQueryLanguage.query";
const COUNTED = "logging_googleapis_com:user_starts_failed>2";
const retried = { retryConfig: { retryCount: 3 } };

export const schedules: Readonly<Record<string, Cases>> = {
  "scheduler-token": {
    passes: [one("OAuth to Google", start()), one("OIDC to a service", round())],
    fails: [
      one("none", round({ "httpTarget.oidcToken": undefined }), { says: /no token/ }),
      one("both", round({ "httpTarget.oauthToken": OAUTH }), { says: /two tokens/ }),
      one("OAuth to a service", round({ "httpTarget.oidcToken": undefined, "httpTarget.oauthToken": OAUTH }), {
        says: /takes an OIDC/,
      }),
      one("OIDC to Google", start({ "httpTarget.oauthToken": undefined, "httpTarget.oidcToken": OAUTH }), {
        says: /takes an OAuth/,
      }),
      one("no audience", round({ "httpTarget.oidcToken.audience": undefined }), { says: /left out/ }),
      one(
        "an audience with a path",
        round({ "httpTarget.oidcToken.audience": "https://careflow.example.run.app/rounds" }),
      ),
    ],
    unknown: ["httpTarget", URI, "httpTarget.oidcToken", "httpTarget.oidcToken.audience", "httpTarget.oauthToken"].map(
      (path) => one(path, round({ [path]: UNKNOWN })),
    ),
    notApplicable: [
      one("a message", round({ httpTarget: undefined, pubsubTarget: { topicName: "t" } })),
      one("a Job", job()),
    ],
  },
  "scheduler-uri": {
    passes: [
      one("Google's API", start()),
      one("a bare host with its slash", round()),
      one("a path", round({ [URI]: "https://careflow.example.run.app/rounds" })),
      one("a path that cannot be decoded", round({ [URI]: "https://careflow.example.run.app/100%" })),
      one("a key that tells calls apart", round({ "httpTarget.headers.Idempotency-Key": "morning" })),
    ],
    fails: [
      one("http", round({ [URI]: "http://careflow.example.run.app/" }), { says: /https/ }),
      one(
        "http and a bare host, of which the first is what matters",
        round({ [URI]: "http://careflow.example.run.app" }),
        { says: /^(?!.*slash).*https/ },
      ),
      one("a token in the query", round({ [URI]: "https://careflow.example.run.app/?token=hunter2" }), {
        says: /^(?!.*hunter2)/,
      }),
      one("a password", round({ [URI]: "https://a:hunter2@careflow.example.run.app/" }), { says: /^(?!.*hunter2)/ }),
      one("a bare host", round({ [URI]: "https://careflow.example.run.app" }), { says: /slash/ }),
      one("no URL", round({ [URI]: "careflow" })),
      one("none", round({ [URI]: undefined })),
      one("a header of its own", round({ "httpTarget.headers.Authorization": "Bearer x" }), { says: /Authorization/ }),
      ...["X-Auth-Token", "X-Goog-Api-Key", "Api-Key", "X-API-Key", "Proxy-Authorization", "X-Webhook-Secret"].map(
        (header) => one(`a header ${header}`, round({ [`httpTarget.headers.${header}`]: "x" }), { says: /carries/ }),
      ),
      one("a key in a header with a dot", round({ "httpTarget.headers": { "X.Auth": "xoxb-1234567890-abcdef" } })),
      ...[`AIza${"a".repeat(35)}`, `%41Iza${"a".repeat(35)}`].map((key) =>
        one(
          `a key in the path: ${key.slice(0, 6)}…`,
          round({ [URI]: `https://careflow.example.run.app/hook/${key}` }),
          {
            says: /^(?!.*aaa).*path/,
          },
        ),
      ),
      one("a key in another header", round({ "httpTarget.headers.X-Auth": "xoxb-1234567890-abcdef" })),
    ],
    unknown: [
      one("the URI", round({ [URI]: UNKNOWN })),
      one("headers", round({ "httpTarget.headers": UNKNOWN })),
      one("a header", round({ "httpTarget.headers.X-Trace": UNKNOWN })),
      one("a header with a dot", round({ "httpTarget.headers": { "X.Trace": UNKNOWN } })),
    ],
    notApplicable: [one("a Job", job())],
  },
  schedule: {
    passes: [
      one("a start", start()),
      one("days by name, and a list", start({ schedule: "30 9-17/2,20 1 JAN MON-FRI" })),
    ],
    fails: [
      one("no zone", start({ timeZone: undefined }), { says: /UTC/ }),
      one("an abbreviation", start({ timeZone: "EST" })),
      one("no such zone", start({ timeZone: "Asia/Karachy" })),
      one("no schedule", start({ schedule: undefined }), { says: /left out/ }),
      one("every minute", start({ schedule: "* * * * *" }), { says: /more than once an hour/ }),
      ...["*/2 9 * * *", "0-59 * * * *", "0-59 9 * * 1-5", "0-59/5 9 * * *", "0,1,2,3,4,5 * * * *", "0,30 9 * * *"].map(
        (schedule) => one(`several minutes: ${schedule}`, start({ schedule }), { says: /more than once an hour/ }),
      ),
      one("six fields", start({ schedule: "0 0 9 * * 1-5" }), { says: /five fields/ }),
      one("an hour that there is not", start({ schedule: "0 24 * * *" }), { says: /hour/ }),
      one("words", start({ schedule: "every 5 minutes" })),
    ],
    unknown: [one("the zone", start({ timeZone: UNKNOWN })), one("the schedule", start({ schedule: UNKNOWN }))],
    notApplicable: [one("a Job", job())],
  },
  "scheduler-attempts": {
    passes: [
      one("five retries", start()),
      one("none", round()),
      one("none, stated, and the shortest wait", round({ attemptDeadline: "15s", "retryConfig.retryCount": 0 })),
      one("the longest wait", round({ attemptDeadline: "1800s" })),
    ],
    fails: [
      one("no deadline", round({ attemptDeadline: undefined }), { says: /left out/ }),
      one("over half an hour", round({ attemptDeadline: "1801s" })),
      one("under 15 s", round({ attemptDeadline: "14s" })),
      one("in minutes", round({ attemptDeadline: "10m" })),
      one("six retries", start({ "retryConfig.retryCount": 6 })),
      one("half a retry", start({ "retryConfig.retryCount": 0.5 })),
    ],
    unknown: [
      one("the deadline", round({ attemptDeadline: UNKNOWN })),
      one("the retries", start({ "retryConfig.retryCount": UNKNOWN })),
    ],
    notApplicable: [one("a Job", job())],
  },
  "retries-repeat-calls": {
    passes: [
      one("no retries", round()),
      one("a service that answers a repeat without calling", round(retried), {
        facts: { idempotentServices: ["https://careflow.example.run.app"] },
      }),
      one("starts, of which a second leaves", start()),
    ],
    fails: [
      one("retries", round(retried), { says: /^3 retries, .*may call the same patients again/ }),
      one("retries, beside another service that is idempotent", round(retried), {
        facts: { idempotentServices: ["https://other.example.run.app"] },
      }),
    ],
    unknown: [
      one("the retries", round({ "retryConfig.retryCount": UNKNOWN })),
      one("the service", round({ ...retried, [URI]: UNKNOWN })),
    ],
    notApplicable: [one("a Job", job())],
  },
  "schedule-watched": {
    passes: [
      several("both alerts", [start(), make.alert(), make.logged()]),
      several("failures, counted", [
        start(),
        make.alert(),
        make.metric(),
        make.alert(
          {
            "conditions.0.conditionPrometheusQueryLanguage.query":
              'increase(logging_googleapis_com:user_starts_failed{a="b"}[5m])>2',
          },
          { name: "counted" },
        ),
      ]),
      several("a round that is paused is not missed", [start({ paused: true }), make.logged()]),
    ],
    fails: [
      one("no alert", start(), { says: /no alert/ }),
      several("no alert for a failure", [start(), make.alert()], { says: /failure/ }),
      several("no alert for an absence", [start(), make.logged()], { says: /not even try/ }),
      several(
        "an alert that names the job, and is silent when nothing of it is seen",
        [
          start(),
          make.logged(),
          make.alert({
            "conditions.0.conditionPrometheusQueryLanguage.query":
              '(label_replace(vector(1),"job_id","dental-start-weekday","","")) and on(job_id) x>0.5',
          }),
        ],
        { says: /not even try/ },
      ),
      several("alerts for another job", [start({ name: "other-start" }), make.alert(), make.logged()]),
      several("alerts for a job whose name begins so", [start({ name: "dental-start" }), make.alert(), make.logged()]),
      several("failures are counted, and nobody reads the count", [start(), make.alert(), make.metric()], {
        says: /failure/,
      }),
      several("both alerts are switched off", [
        start(),
        make.alert({ enabled: false }),
        make.logged({ enabled: false }),
      ]),
      several(
        "failures are counted by a metric that is switched off",
        [start(), make.alert(), make.metric({ disabled: true }), make.alert({ [QUERY]: COUNTED }, { name: "counted" })],
        { says: /failure/ },
      ),
      ...[
        'resource.labels.job_id!="dental-start-weekday"',
        'resource.labels.job_id!=("dental-start-weekday" OR "other")',
        'resource.labels.job_id !~ "dental-start-weekday"',
        'NOT resource.labels.job_id="dental-start-weekday"',
        '-resource.labels.job_id="dental-start-weekday"',
      ].map((filter) =>
        several(
          `failures of all but this job: ${filter}`,
          [
            start(),
            make.alert(),
            make.logged({ conditions: [{ conditionMatchedLog: { filter: `${filter} AND severity>=ERROR` } }] }),
          ],
          { says: /failure/ },
        ),
      ),
      several("successes are counted", [
        start(),
        make.alert(),
        make.metric({ filter: 'resource.labels.job_id="dental-start-weekday" AND severity<ERROR' }),
        make.alert(
          { "conditions.0.conditionPrometheusQueryLanguage.query": "logging_googleapis_com:user_starts_failed>2" },
          { name: "counted" },
        ),
      ]),
    ],
    unknown: [
      several("whether an alert is switched off", [start(), make.alert(), make.logged({ enabled: UNKNOWN })]),
      several("whether a metric is switched off", [
        start(),
        make.alert(),
        make.metric({ disabled: UNKNOWN }),
        make.alert({ [QUERY]: COUNTED }, { name: "counted" }),
      ]),
      several("the job's name", [start({ name: UNKNOWN }), make.alert(), make.logged()]),
      several("the conditions", [start(), make.alert({ conditions: UNKNOWN })]),
      several("a filter", [
        start(),
        make.alert(),
        make.logged({ conditions: [{ conditionMatchedLog: { filter: UNKNOWN } }] }),
      ]),
    ],
    notApplicable: [one("a worker", job())],
  },
};
