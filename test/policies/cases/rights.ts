/** Rules about who may do what. */
import { ACCOUNT_KEY, IDENTITY_PROVIDER, SECRET_BINDING, SECRET_POLICY } from "../../../policies/types.ts";
import { SECRET, UNKNOWN } from "../../../policies/value.ts";
import * as make from "../resources.ts";
import { type Cases, one, several } from "./case.ts";

const { account, job, onProject, reads, runs, start } = make;
const EMAIL = "httpTarget.oauthToken.serviceAccountEmail";
const ROLE = "roles/secretmanager.secretAccessor";
const OWN = { member: `serviceAccount:${make.email}` };
const dental = account();
const starts = account({ accountId: "starts" }, { name: "starts-account" });
const provider = (condition: string | typeof UNKNOWN | undefined) =>
  make.resource(
    IDENTITY_PROVIDER,
    { oidc: { issuerUri: "https://token.actions.githubusercontent.com" } },
    { attributeCondition: condition },
  );

export const rights: Readonly<Record<string, Cases>> = {
  "no-public-access": {
    passes: [
      one(
        "a whole policy that names an account",
        make.resource("gcp:cloudrunv2/jobIamPolicy:JobIamPolicy", {
          policyData: JSON.stringify({ members: [make.email] }),
        }),
      ),
      one("a service account", runs()),
      one(
        "an address not yet known, of an account of this stack",
        runs({ member: UNKNOWN }, { dependencies: { member: [dental] } }),
      ),
      one("people of one's own domain", runs({ member: "user:nurse@clinic.example" })),
    ],
    fails: [
      one("everybody", runs({ member: "allUsers" }), { says: /allUsers/ }),
      one("everybody with a Google account", runs({ member: "allAuthenticatedUsers" })),
      one("everybody, as a set of principals", runs({ member: "principalSet://goog/public:all" }), {
        says: /public:all/,
      }),
      one(
        "everybody, spelled with escapes in a whole policy",
        make.resource("gcp:cloudrunv2/jobIamPolicy:JobIamPolicy", { policyData: '{"members":["\\u0061llUsers"]}' }),
      ),
      one("a private account", runs({ member: "user:nurse@gmail.com" })),
      one(
        "everybody among others",
        make.resource(SECRET_BINDING, { role: ROLE, members: [`serviceAccount:${make.email}`, "allUsers"] }),
      ),
      one(
        "everybody, by a service's grant",
        make.resource("gcp:cloudrunv2/serviceIamMember:ServiceIamMember", { member: "allUsers" }),
      ),
      one(
        "whoever is in a policy that is no text",
        make.resource("gcp:cloudrunv2/jobIamPolicy:JobIamPolicy", { policyData: { members: ["allUsers"] } }),
      ),
      one(
        "everybody, by a whole policy",
        make.resource("gcp:artifactregistry/repositoryIamPolicy:RepositoryIamPolicy", {
          policyData: '{"bindings":[{"members":["allUsers"]}]}',
        }),
      ),
    ],
    unknown: [
      one("a member that comes from nowhere in this stack", runs({ member: UNKNOWN })),
      one("a list of members", make.resource(SECRET_BINDING, { role: ROLE, members: UNKNOWN })),
      one("a whole policy", make.resource("gcp:cloudrunv2/jobIamPolicy:JobIamPolicy", { policyData: UNKNOWN })),
    ],
    notApplicable: [one("a Job", job())],
  },
  "invoker-account": {
    passes: [
      several("a worker without an account, which own-account finds", [
        job({ [make.ACCOUNT_OF_TASK]: undefined }),
        start(),
      ]),
      several("two accounts", [job(), start(), runs()]),
      several("a worker that may look at a job", [job(), runs({ ...OWN, role: "roles/run.viewer" })]),
      several("people who may start it", [job(), runs({ member: "user:nurse@clinic.example" })]),
      several("a right of the caller's, both addresses not yet known", [
        job({ [make.ACCOUNT_OF_TASK]: UNKNOWN }, { dependencies: { template: [dental] } }),
        runs({ member: UNKNOWN }, { dependencies: { member: [starts] } }),
      ]),
      several("two addresses not yet known, of two accounts of this stack", [
        job({ [make.ACCOUNT_OF_TASK]: UNKNOWN }, { dependencies: { template: [dental] } }),
        start({ [EMAIL]: UNKNOWN }, { dependencies: { httpTarget: [starts] } }),
      ]),
    ],
    fails: [
      several("the worker's own", [job(), start({ [EMAIL]: make.email })], { says: /as which it runs/ }),
      several("a worker that may start itself", [job(), runs(OWN)], { says: /gives roles\/run\.invoker to dental@/ }),
      several("a worker that may change a service, among others", [
        job(),
        make.resource("gcp:cloudrunv2/serviceIamBinding:ServiceIamBinding", {
          role: "roles/run.developer",
          members: [`serviceAccount:${make.starter}`, `serviceAccount:${make.email}`],
        }),
      ]),
      several("a worker that may start itself, both addresses not yet known", [
        job({ [make.ACCOUNT_OF_TASK]: UNKNOWN }, { dependencies: { template: [dental] } }),
        runs({ member: UNKNOWN }, { dependencies: { member: [dental] } }),
      ]),
      several("a service's, by a round", [make.service({ "template.serviceAccount": make.starter }), make.round()]),
      several("the worker's own, both not yet known", [
        job({ [make.ACCOUNT_OF_TASK]: UNKNOWN }, { dependencies: { template: [dental] } }),
        start({ [EMAIL]: UNKNOWN }, { dependencies: { httpTarget: [dental] } }),
      ]),
      several("the worker's own, one of the two not yet known", [
        job(),
        start({ [EMAIL]: UNKNOWN }, { dependencies: { httpTarget: [dental] } }),
      ]),
    ],
    unknown: [
      several("the caller", [job(), start({ [EMAIL]: UNKNOWN })]),
      several("the worker's", [job({ [make.ACCOUNT_OF_TASK]: UNKNOWN }), start()]),
      several("who may start it", [job(), runs({ member: UNKNOWN })]),
      several("what a worker may do", [job(), runs({ ...OWN, role: UNKNOWN })]),
      several("whether two are one", [
        job(),
        start({ [EMAIL]: UNKNOWN }, { dependencies: { httpTarget: [account({ project: "example.com:clinic" })] } }),
      ]),
    ],
    notApplicable: [one("a worker that nothing starts", job()), one("a start of somebody else's job", start())],
  },
  "grants-on-resources": {
    passes: [one("a log writer", onProject("roles/logging.logWriter"))],
    fails: [
      one("starting every job", onProject("roles/run.invoker")),
      one("reading every secret", onProject(ROLE)),
      one("a binding", onProject("roles/logging.logWriter", "Binding"), { says: /everybody who is not named/ }),
      one("a whole policy", onProject("roles/logging.logWriter", "Policy")),
      one("a folder's", make.resource("gcp:folder/iAMMember:IAMMember", { role: "roles/run.invoker" })),
    ],
    unknown: [one("the role", onProject(UNKNOWN))],
    notApplicable: [one("a right on one job", runs()), one("a Job", job())],
  },
  "no-broad-roles": {
    passes: [
      one("starting one job", runs()),
      one(
        "acting as one account",
        make.resource("gcp:serviceaccount/iAMMember:IAMMember", { role: "roles/iam.serviceAccountUser" }),
      ),
    ],
    fails: [
      one("editor", onProject("roles/editor")),
      one("owner of one secret", reads({ role: "roles/owner" })),
      one("becoming every account", onProject("roles/iam.serviceAccountTokenCreator"), { says: /become any/ }),
      ...[
        "roles/secretmanager.admin",
        "roles/iam.serviceAccountOpenIdTokenCreator",
        "roles/compute.instanceAdmin.v1",
        "roles/datastore.owner",
        "roles/writer",
      ].map((role) => one(`on a project: ${role}`, onProject(role))),
      ...["roles\\/editor", "roles\\u002feditor", "roles/compute.instanceAdmin.v1"].map((role) =>
        one(
          `in a whole policy: ${role}`,
          make.resource("gcp:projects/iAMPolicy:IAMPolicy", { policyData: `{"bindings":[{"role":"${role}"}]}` }),
        ),
      ),
      one(
        "editor, in a whole policy",
        make.resource("gcp:projects/iAMPolicy:IAMPolicy", { policyData: '{"bindings":[{"role":"roles/editor"}]}' }),
      ),
    ],
    unknown: [
      one("the role", runs({ role: UNKNOWN })),
      one("a whole policy", make.resource("gcp:projects/iAMPolicy:IAMPolicy", { policyData: UNKNOWN })),
    ],
    notApplicable: [one("a Job", job())],
  },
  "no-account-keys": {
    passes: [one("an account", account())],
    fails: [
      one("a key", make.resource(ACCOUNT_KEY, { serviceAccountId: "dental" })),
      one("a key of nobody knows whom", make.resource(ACCOUNT_KEY, { serviceAccountId: UNKNOWN })),
    ],
    unknown: "never",
    notApplicable: [one("a Job", job())],
  },
  "federation-condition": {
    passes: [
      one("one repository", provider("assertion.repository_id == '123' && assertion.ref == 'refs/heads/main'")),
      one("one subject", provider("google.subject == 'x'")),
      ...[
        "assertion.ref == 'refs/heads/main' && (attribute.repository == \"my-org/worker\")",
        "assertion.sub.startsWith('repo:my-org/worker:')",
        "(assertion.repository_id == '123' && assertion.ref == 'refs/heads/main')",
        "assertion.repository_id=='123'&&(assertion.ref == 'a' || assertion.ref == 'b')",
        "assertion.sub == 'repo:my-org/worker:ref:refs/heads/a||b&&c'",
      ].map((condition) => one(condition, provider(condition))),
    ],
    fails: [
      one("none", provider(undefined), { says: /left out/ }),
      one("anybody's main branch", provider("assertion.ref == 'refs/heads/main'"), { says: /not name the one/ }),
      ...[
        "assertion.repository.startsWith('my-org/')",
        "assertion.repository_id != ''",
        "assertion.repository == ''",
        "assertion.repository == 'a/b' || true",
        "assertion.ref == 'x' ? true && assertion.repository == 'a/b' && true : true",
        "assertion.ref == 'x' // && assertion.repository == 'a/b'",
        "(assertion.repository == 'a/b') || (true)",
        "(assertion.ref == 'x' || assertion.repository == 'a/b')",
        "(assertion.repository == 'a/b') == (assertion.ref == 'x')",
        "assertion.repository == 'a/b' == false",
        "!(assertion.ref == 'x' && assertion.repository == 'a/b')",
        "assertion.sub.startsWith('repo:')",
        "assertion.sub.startsWith('repo:my-org/')",
        "assertion.sub.startsWith('repo:my-org/worker')",
        "has(assertion.repository)",
        "attribute.repository != 'x/y'",
      ].map((condition) => one(condition, provider(condition))),
    ],
    unknown: [one("the condition", provider(UNKNOWN))],
    notApplicable: [one("an account", account())],
  },
  "secret-grants": {
    passes: [
      several("what it reads", [job(), reads()]),
      several("what a service of the first version reads", [make.serviceV1(), reads()]),
      several("a secret by its full name", [
        job({ [make.SECRET_OF_VARIABLE]: "projects/p/secrets/livekit-url" }),
        reads({ secretId: "projects/p/secrets/livekit-url" }),
      ]),
      several("several readers of one secret", [
        job(),
        make.resource(SECRET_BINDING, {
          secretId: "livekit-url",
          role: ROLE,
          members: [`serviceAccount:${make.email}`, `serviceAccount:${make.starter}`],
        }),
      ]),
      several("addresses not yet known, of one account of this stack", [
        job({ [make.ACCOUNT_OF_TASK]: UNKNOWN }, { dependencies: { template: [dental] } }),
        reads({ member: UNKNOWN }, { dependencies: { member: [dental] } }),
      ]),
      several("a secret whose id is not known yet, of one secret of this stack", [
        job(),
        reads({ secretId: UNKNOWN }, { dependencies: { secretId: [make.secret(), dental] } }),
      ]),
      several("the right of a worker that is only prepared", [reads()]),
      several("a secret of the worker's own project", [job({ project: "a" }), reads({ project: "a" })]),
      several("a secret of another project, by its full name", [
        job({ project: "a", [make.SECRET_OF_VARIABLE]: "projects/b/secrets/livekit-url" }),
        reads({ project: "b" }),
      ]),
      several("a project by its number", [
        job({ [make.SECRET_OF_VARIABLE]: "projects/123/secrets/livekit-url" }),
        reads({ project: "b" }),
      ]),
      several("somebody else who administers a secret", [
        job(),
        reads(),
        reads({ role: "roles/secretmanager.admin", member: "group:keepers@clinic.example" }, { name: "keepers" }),
      ]),
      several("a policy of a secret that a worker has no part in", [
        job(),
        reads(),
        make.resource(SECRET_POLICY, { secretId: "other", policyData: '{"bindings":[]}' }),
      ]),
      several("the right of somebody else", [
        job(),
        reads(),
        reads({ secretId: "other", member: `serviceAccount:${make.starter}` }, { name: "others" }),
      ]),
    ],
    fails: [
      one("no right of a service of the first version", make.serviceV1(), { says: /right to read livekit-url/ }),
      one("no right", job(), { says: /right to read livekit-url/ }),
      several("a right on another secret", [job(), reads({ secretId: "other" })]),
      several("somebody else's right", [job(), reads({ member: `serviceAccount:${make.starter}` })]),
      several("somebody else's right, not yet known", [
        job(),
        reads({ member: UNKNOWN }, { dependencies: { member: [starts] } }),
      ]),
      several("another right", [job(), reads({ role: "roles/secretmanager.viewer" })]),
      several("one that it does not use", [job(), reads(), reads({ secretId: "other" }, { name: "surplus" })], {
        says: /read other, which it does not use/,
      }),
      several("the same id in another project", [job({ project: "a" }), reads({ project: "b" })], {
        says: /right to read livekit-url/,
      }),
      several("one that it does not use, of the same id in another project", [
        job({ project: "a" }),
        reads({ project: "a" }),
        reads({ project: "b" }, { name: "surplus" }),
      ]),
      several(
        "a worker that administers what it reads",
        [job(), reads(), reads({ role: "roles/secretmanager.admin" }, { name: "surplus" })],
        { says: /roles\/secretmanager\.admin, which is more than to read/ },
      ),
      several(
        "a worker that administers a secret, its address not yet known",
        [
          job({ [make.ACCOUNT_OF_TASK]: UNKNOWN }, { dependencies: { template: [dental] } }),
          reads({ member: UNKNOWN }, { dependencies: { member: [dental] } }),
          reads(
            { role: "roles/secretmanager.admin", member: UNKNOWN },
            { name: "surplus", dependencies: { member: [dental] } },
          ),
        ],
        { says: /more than to read/ },
      ),
      several(
        "a policy that replaces who may read",
        [
          job(),
          reads(),
          make.resource(SECRET_POLICY, {
            secretId: "livekit-url",
            policyData: JSON.stringify({ bindings: [{ role: ROLE, members: [`serviceAccount:${make.email}`] }] }),
          }),
        ],
        { says: /replaces who may read/ },
      ),
      one("no right for a file", make.service({ "template.volumes": [{ secret: { secret: "tls" } }] })),
      one(
        "no right for files of which none is named",
        make.service({ "template.volumes": [{ secret: { secret: "tls", items: [] } }] }),
      ),
    ],
    unknown: [
      several("the secret that is read", [job({ [make.SECRET_OF_VARIABLE]: UNKNOWN }), reads()]),
      several("the secret of the right", [job(), reads({ secretId: UNKNOWN })]),
      several("the secret of the right, which is one of two", [
        job(),
        reads(
          { secretId: UNKNOWN },
          { dependencies: { secretId: [make.secret(), make.secret({ secretId: "other" }, { name: "other" })] } },
        ),
      ]),
      several("the reader", [job(), reads({ member: UNKNOWN })]),
      several("the right", [job(), reads({ role: UNKNOWN })]),
      several("a right under a condition", [job(), reads({ condition: { title: "t", expression: "false" } })]),
      several("the project of the right", [job({ project: "a" }), reads({ project: UNKNOWN })]),
      several("who administers a secret", [
        job(),
        reads(),
        reads({ role: "roles/secretmanager.admin", member: UNKNOWN }, { name: "surplus" }),
      ]),
      several("who is in a policy", [
        job(),
        reads(),
        make.resource(SECRET_POLICY, { secretId: "livekit-url", policyData: UNKNOWN }),
      ]),
      several("who reads", [job({ [make.ACCOUNT_OF_TASK]: UNKNOWN }), reads()]),
      several("a variable", [job({ [`${make.ENVS}.1`]: UNKNOWN }), reads()]),
    ],
    notApplicable: [one("a worker without secrets", job({ [make.ENVS]: [] })), one("a scheduler job", start())],
  },
  "secret-versions-kept": {
    passes: [
      several("two", [make.version({}, { name: "a" }), make.version({}, { name: "b" })]),
      several(
        "three of which one is off",
        ["a", "b", "c"].map((name) => make.version({ enabled: name !== "a" }, { name })),
      ),
    ],
    fails: [
      several(
        "three",
        ["a", "b", "c"].map((name) => make.version({ secretData: SECRET }, { name })),
        { says: /3 versions/ },
      ),
    ],
    unknown: [one("of which secret", make.version({ secret: UNKNOWN }))],
    notApplicable: [one("a secret whose versions people add", make.secret())],
  },
};
