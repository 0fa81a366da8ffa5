/** Rules about what Cloud Run runs. */
import { SECRET, UNKNOWN } from "../../../policies/value.ts";
import * as make from "../resources.ts";
import { type Cases, one, several } from "./case.ts";

const { job, service, account } = make;
const inStaging = { facts: { environment: "staging" } } as const;
/** Its address is spelled otherwise, and so not known: a project of a domain. */
const shared = account({ project: "example.com:clinic" });
const GPU = "template.template.nodeSelector.accelerator";
const IMAGE_V1 = "template.spec.containers.0.image";
const ARGUMENT = "template.template.containers.0.args.3";
const EMPTY = `${make.ENVS}.2`;

export const workloads: Readonly<Record<string, Cases>> = {
  "own-account": {
    passes: [
      one("an account of its own", job()),
      one("the account of a service", service()),
      one("the account of a service of the first version", make.serviceV1()),
      one(
        "an address not yet known, of an account of this stack",
        job({ [make.ACCOUNT_OF_TASK]: UNKNOWN }, { dependencies: { template: [account()] } }),
      ),
      several("two workers with an account each", [
        job(),
        job({ [make.ACCOUNT_OF_TASK]: make.starter }, { name: "other" }),
      ]),
    ],
    fails: [
      one("none, which means Compute Engine's", job({ [make.ACCOUNT_OF_TASK]: undefined }), { says: /left out/ }),
      one("Compute Engine's", job({ [make.ACCOUNT_OF_TASK]: "123-compute@developer.gserviceaccount.com" })),
      one("App Engine's", job({ [make.ACCOUNT_OF_TASK]: "clinic-project@appspot.gserviceaccount.com" })),
      one(
        "a service with Compute Engine's",
        service({ "template.serviceAccount": "123-compute@developer.gserviceaccount.com" }),
      ),
      one(
        "a service of the first version with none",
        make.serviceV1({ "template.spec.serviceAccountName": undefined }),
        { says: /template\.spec\.serviceAccountName is left out/ },
      ),
      several("two workers that share one", [job(), job({}, { name: "other" })], { says: /as it does/ }),
      several(
        "two workers that share one whose address is not known",
        ["it", "other"].map((name) =>
          job({ [make.ACCOUNT_OF_TASK]: UNKNOWN }, { name, dependencies: { template: [shared] } }),
        ),
        { says: /as it does/ },
      ),
    ],
    unknown: [
      one("an address that comes from nowhere in this stack", job({ [make.ACCOUNT_OF_TASK]: UNKNOWN })),
      one(
        "an address that is one of two accounts'",
        job(
          { [make.ACCOUNT_OF_TASK]: UNKNOWN },
          { dependencies: { template: [account(), account({}, { name: "other" })] } },
        ),
      ),
      several("an account that may be the same", [
        job(),
        job({ [make.ACCOUNT_OF_TASK]: UNKNOWN }, { name: "other", dependencies: { template: [shared] } }),
      ]),
    ],
    notApplicable: [one("a scheduler job", make.start())],
  },
  "image-pinned": {
    passes: [
      one("a digest", job()),
      one("a tag and a digest", job({ [make.IMAGE]: `us-docker.pkg.dev/p/r/i:1${make.digest}` })),
    ],
    fails: [
      one("a tag", job({ [make.IMAGE]: "us-docker.pkg.dev/p/r/i:1" }), { says: /the tag 1/ }),
      one("neither", job({ [make.IMAGE]: "us-docker.pkg.dev/p/r/i" }), { says: /no digest/ }),
      one("half a digest", job({ [make.IMAGE]: "us-docker.pkg.dev/p/r/i@sha256:00" })),
      one("none", job({ [make.IMAGE]: undefined })),
      one("a service of the first version's tag", make.serviceV1({ [IMAGE_V1]: "us-docker.pkg.dev/p/r/i:1" })),
      one(
        "a service's second container",
        service({ "template.containers.1": { image: "us-docker.pkg.dev/p/r/side:1" } }),
        { says: /containers\[1\]\.image/ },
      ),
    ],
    unknown: [
      one("an image that is still to be built", job({ [make.IMAGE]: UNKNOWN })),
      one("containers", job({ "template.template.containers": UNKNOWN })),
    ],
    notApplicable: [one("a repository", make.repository())],
  },
  "image-registry": {
    passes: [
      one("Artifact Registry", job()),
      one("an allowed one", job(), { parameters: { registries: ["us-central1-docker.pkg.dev/clinic-project/"] } }),
    ],
    fails: [
      one("Docker Hub, spelled out", job({ [make.IMAGE]: `docker.io/acme/dental${make.digest}` }), {
        says: /docker\.io/,
      }),
      one("Docker Hub, by its short name", job({ [make.IMAGE]: "python:3" })),
      one("a service of the first version's from Docker Hub", make.serviceV1({ [IMAGE_V1]: "python:3" })),
      one("Container Registry", job({ [make.IMAGE]: `gcr.io/p/i${make.digest}` }), { says: /shut down/ }),
      one("one that is not allowed", job(), {
        parameters: { registries: ["us-central1-docker.pkg.dev/other-project/"] },
        says: /none of the allowed/,
      }),
    ],
    unknown: [one("an image", job({ [make.IMAGE]: UNKNOWN }))],
    notApplicable: [one("a scheduler job", make.start())],
  },
  "no-plain-secrets": {
    passes: [
      one("keys from Secret Manager alone", job()),
      one(
        "a number of tokens, and a name that ends in other letters",
        job({ [EMPTY]: { name: "MAX_TOKENS", value: "4096" }, [`${make.ENVS}.3`]: { name: "KEYBOARD", value: "us" } }),
      ),
      one("an empty variable", job({ [EMPTY]: { name: "API_KEY", value: "" } })),
      one("a variable without a value", job({ [EMPTY]: { name: "API_KEY" } })),
      one("a name that is allowed", job({ [EMPTY]: { name: "SORT_KEY", value: "name" } }), {
        parameters: { allowed: ["SORT_KEY"] },
      }),
      one("an argument that is allowed", job({ [ARGUMENT]: "--sort-key=name" }), {
        parameters: { allowed: ["sort-key"] },
      }),
      ...["--max-tokens=4096", "--api-key=$(API_KEY)", "--tls-key=/secrets/tls/key", "--api-key=", "--keyboard=us"].map(
        (argument) => one(`an argument ${argument}`, job({ [ARGUMENT]: argument })),
      ),
      one("a switch that takes no value", job({ [ARGUMENT]: "--ask-password" })),
    ],
    fails: [
      ...[
        "LIVEKIT_API_SECRET",
        "openai_api_key",
        "DB_PASSWORD",
        "SENTRY_DSN",
        "GITHUB_TOKEN",
        "SUPABASE_SERVICE_ROLE_KEY",
        "DB_PASS",
        "dbPassword",
        "OPENAI_API_KEY_1",
      ].map((name) =>
        one(`a variable named ${name}`, job({ [EMPTY]: { name, value: "x" } }), { says: new RegExp(name) }),
      ),
      ...[
        "postgres://clinic:hunter2@db/patients",
        "-----BEGIN PRIVATE KEY-----",
        `AIza${"a".repeat(35)}`,
        `sk-proj-${"a".repeat(24)}`,
        "xoxb-1234567890-abcdef",
        `eyJ${"a".repeat(12)}.eyJ${"b".repeat(12)}.sig`,
        `github_pat_${"a".repeat(22)}_${"b".repeat(59)}`,
        `sk-ant-api03-${"aB-_".repeat(6)}`,
        "sk-proj-AbC_dEf-GhI_jKl-MnO",
        `GOCSPX-${"a-B_".repeat(7)}`,
        `SG.${"a".repeat(22)}.${"b".repeat(43)}`,
        `SK${"0a".repeat(16)}`,
      ].map((value) =>
        one(`a value like ${value.slice(0, 12)}…`, job({ [EMPTY]: { name: "SETTING", value } }), {
          says: /^(?!.*hunter2).*SETTING/,
        }),
      ),
      one("an argument", job({ "template.template.containers.0.args.3": "--db=postgres://clinic:hunter2@db" }), {
        says: /args/,
      }),
      ...["--api-key=hunter2", "OPENAI_API_KEY=hunter2", "export DB_PASS='hunter2'; python worker_main.py"].map(
        (argument) =>
          one(`an argument ${argument}`, job({ [ARGUMENT]: argument }), { says: /^(?!.*hunter2).*named like/ }),
      ),
      one("an argument and its value", job({ [ARGUMENT]: "--password", [`${ARGUMENT.slice(0, -1)}4`]: "hunter2" }), {
        says: /^(?!.*hunter2).*password/,
      }),
      one(
        "a variable of a service of the first version",
        make.serviceV1({ "template.spec.containers.0.envs.1": { name: "API_KEY", value: "x" } }),
      ),
      one("a service's variable", service({ "template.containers.0.envs": [{ name: "API_KEY", value: "x" }] })),
      one("a variable that is named so, and not known", job({ [EMPTY]: { name: "API_KEY", value: UNKNOWN } })),
      one("a secret that is handed over in plain", job({ [EMPTY]: { name: "SETTING", value: SECRET } })),
    ],
    unknown: [
      one("a value", job({ [EMPTY]: { name: "SETTING", value: UNKNOWN } })),
      one("a variable", job({ [EMPTY]: UNKNOWN })),
      one("an argument", job({ "template.template.containers.0.args.3": UNKNOWN })),
    ],
    notApplicable: [one("a metric", make.metric())],
  },
  "secret-version-pinned": {
    passes: [
      one("a number", job()),
      one(
        "the number that a version of this stack will have",
        job({ [make.VERSION]: UNKNOWN }, { dependencies: { template: [make.version()] } }),
      ),
    ],
    fails: [
      one("latest", job({ [make.VERSION]: "latest" }), { says: /^LIVEKIT_URL: read as latest/ }),
      ...["prod", "Latest", "0"].map((version) =>
        one(`${version}, which is no number`, job({ [make.VERSION]: version }), { says: /no version's number/ }),
      ),
      one(
        "latest, in a service of the first version",
        make.serviceV1({ "template.spec.containers.0.envs.0.valueFrom.secretKeyRef.key": "latest" }),
      ),
      one(
        "latest, in a file of a service of the first version",
        make.serviceV1({ "template.spec.volumes.0.secret.items.0.key": "latest" }),
      ),
      one("none, which is latest", job({ [make.VERSION]: undefined })),
      one(
        "latest, in a file",
        service({ "template.volumes": [{ secret: { secret: "tls", items: [{ version: "latest" }] } }] }),
      ),
      one("a file with no version", service({ "template.volumes": [{ secret: { secret: "tls" } }] })),
      one("files of which none is named", service({ "template.volumes": [{ secret: { secret: "tls", items: [] } }] })),
    ],
    unknown: [
      one("a number that nothing here makes", job({ [make.VERSION]: UNKNOWN })),
      one(
        "a number, beside a version of another secret",
        job(
          { [make.VERSION]: UNKNOWN },
          { dependencies: { template: [make.version({ secret: "projects/p/secrets/other" })] } },
        ),
      ),
    ],
    notApplicable: [one("a worker without secrets", job({ [make.ENVS]: [] })), one("a secret", make.secret())],
  },
  "task-timeout": {
    passes: [
      one("what the hours need", job()),
      one("more than they need", job({ "template.template.timeout": "604800s" })),
      one("an hour without a calendar", job({ [make.ENVS]: [], "template.template.timeout": "3600.5s" })),
    ],
    fails: [
      one("none", job({ "template.template.timeout": undefined }), { says: /left out/ }),
      one("a form that the provider refuses", job({ "template.template.timeout": "30300" })),
      one("minutes", job({ "template.template.timeout": "505m" })),
      one("no time at all", job({ [make.ENVS]: [], "template.template.timeout": "0s" })),
      one("more than a week", job({ "template.template.timeout": "604801s" }), { says: /168h/ }),
      one("more than an hour with a GPU", job({ [GPU]: "nvidia-l4" }), { says: /1h/ }),
      one("four hours for a clinic that is open for eight", job({ "template.template.timeout": "14400s" }), {
        says: /4h, and the longest shift .* 8h25m/,
      }),
      one("a calendar that nobody can read", job({ [`${make.ENVS}.0.value`]: "{}" })),
    ],
    unknown: [
      one("the timeout", job({ "template.template.timeout": UNKNOWN })),
      one("the calendar", job({ [`${make.ENVS}.0.value`]: UNKNOWN })),
      one("the variables", job({ [make.ENVS]: UNKNOWN })),
    ],
    notApplicable: [one("a service", service())],
  },
  "one-task": {
    passes: [
      one("one task, three retries", job()),
      one("no retries", job({ "template.template.maxRetries": 0 })),
      one("the most retries", job({ "template.template.maxRetries": 10 })),
    ],
    fails: [
      one("two tasks", job({ "template.taskCount": 2 }), { says: /taskCount is 2,/ }),
      one("tasks left out", job({ "template.taskCount": undefined }), { says: /taskCount is left out/ }),
      one("two at a time", job({ "template.parallelism": 2 })),
      one("any number at a time", job({ "template.parallelism": 0 })),
      one("parallelism left out", job({ "template.parallelism": undefined })),
      one("retries left out", job({ "template.template.maxRetries": undefined }), { says: /maxRetries is left out/ }),
      one("more retries than there are", job({ "template.template.maxRetries": 11 }), { says: /maxRetries is 11/ }),
    ],
    unknown: ["template.taskCount", "template.parallelism", "template.template.maxRetries"].map((path) =>
      one(path, job({ [path]: UNKNOWN })),
    ),
    notApplicable: [one("a service", service())],
  },
  "cpu-and-memory": {
    passes: [one("2 vCPU, 4Gi", job()), one("thousandths", job({ [`${make.LIMITS}.cpu`]: "4000m" }))],
    fails: [
      one("3 vCPU", job({ [`${make.LIMITS}.cpu`]: "3" })),
      one("none", job({ [`${make.LIMITS}.cpu`]: undefined }), { says: /left out/ }),
      one("no memory", job({ [`${make.LIMITS}.memory`]: undefined }), { says: /memory is left out/ }),
      one("too much memory for the vCPU", job({ [`${make.LIMITS}.memory`]: "16Gi" }), { says: /cpu: 2 allows/ }),
      one("no limits", job({ "template.template.containers.0.resources": undefined })),
      one(
        "ten vCPU in two containers",
        job({ "template.template.containers.1": { resources: { limits: { cpu: "8", memory: "16Gi" } } } }),
        { says: /10 vCPU/ },
      ),
    ],
    unknown: [
      one("vCPU", job({ [`${make.LIMITS}.cpu`]: UNKNOWN })),
      one("memory", job({ [`${make.LIMITS}.memory`]: UNKNOWN })),
    ],
    notApplicable: [one("a service", service())],
  },
  "deletion-protection": {
    passes: [
      one("a Job", job()),
      one("deletionProtection left out, which is on", job({ deletionProtection: undefined })),
      one("an account, which has none", account()),
    ],
    fails: [
      one("a Job that Google would delete", job({ deletionProtection: false }), { says: /^deletionProtection is off/ }),
      one("an account that Pulumi would delete", account({}, { protect: false }), { says: /^protect is off/ }),
      one("a repository", make.repository({}, { protect: false })),
      one("a secret, by both", make.secret({ deletionProtection: false }, { protect: false }), {
        says: /protect and deletionProtection are off/,
      }),
    ],
    unknown: [one("deletionProtection", job({ deletionProtection: UNKNOWN }))],
    notApplicable: [
      one("staging", job({ deletionProtection: false }, { protect: false }), inStaging),
      one("a grant", make.reads({}, { protect: false })),
    ],
  },
  "vpc-egress": {
    passes: [one("everything", job({ "template.template.vpcAccess": { egress: "ALL_TRAFFIC" } }))],
    fails: [
      one("private ranges", job({ "template.template.vpcAccess": { egress: "PRIVATE_RANGES_ONLY" } })),
      one("left out", service({ "template.vpcAccess": { connector: "c" } })),
    ],
    unknown: [
      one("egress", job({ "template.template.vpcAccess": { egress: UNKNOWN } })),
      one("the whole", job({ "template.template.vpcAccess": UNKNOWN })),
    ],
    notApplicable: [one("no network", job()), one("a scheduler job", make.start())],
  },
  "service-ingress": {
    passes: [
      one("from inside alone", service()),
      one("open, and allowed", service({ ingress: "INGRESS_TRAFFIC_ALL" }), { parameters: { open: ["it"] } }),
    ],
    fails: [
      one("from everywhere", service({ ingress: "INGRESS_TRAFFIC_ALL" })),
      one("left out, which is everywhere", service({ ingress: undefined }), { says: /left out/ }),
      one("without asking who calls", service({ invokerIamDisabled: true }), { says: /who calls/ }),
      one("open, and without asking", service({ ingress: "INGRESS_TRAFFIC_ALL", invokerIamDisabled: true }), {
        parameters: { open: ["it"] },
        says: /who calls/,
      }),
    ],
    unknown: [
      one("ingress", service({ ingress: UNKNOWN })),
      one("who calls", service({ invokerIamDisabled: UNKNOWN })),
    ],
    notApplicable: [one("a Job", job())],
  },
};
