import { expect, test } from "vitest";
import { accessSentences, grantsOf } from "../../../preview/compare/access.ts";
import { dangersOf } from "../../../preview/compare/dangers.ts";
import { type DeclaredResource, UNKNOWN, type Value } from "../../../preview/resources.ts";
import { declaredResource, declaredStack } from "../../support/declared-stack.ts";

const SECRET_GRANT = "gcp:secretmanager/secretIamMember:SecretIamMember";
const SERVICE_GRANT = "gcp:cloudrunv2/serviceIamMember:ServiceIamMember";
const member = "serviceAccount:dental@clinic.iam.gserviceaccount.com";

const reads = (secretId: string, name = secretId) =>
  declaredResource(SECRET_GRANT, name, { project: "p", secretId, role: "roles/secretmanager.secretAccessor", member });
const calls = (role: string, who = member) =>
  declaredResource(SERVICE_GRANT, role, { project: "p", name: "careflow-agent", role, member: who });

const sentences = (before: ReturnType<typeof reads>[], after: ReturnType<typeof reads>[]) =>
  accessSentences(declaredStack(...before), declaredStack(...after)).map(({ about, text }) => `${about} ${text}`);

test("who may read what is told when it changes, once for all secrets", () => {
  expect(sentences([reads("a")], [reads("b"), reads("c")])).toEqual([
    "dental@clinic may now read secret b, secret c",
    "dental@clinic may no longer read secret a",
  ]);
});

test("a grant that is only called otherwise in the program is the same right", () => {
  expect(sentences([reads("a", "x")], [reads("a", "y")])).toEqual([]);
});

test("a wider role is told by its name", () => {
  expect(sentences([calls("roles/run.invoker")], [calls("roles/run.developer")])).toEqual([
    "dental@clinic may now use as run.developer service careflow-agent",
    "dental@clinic may no longer invoke service careflow-agent",
  ]);
});

const binding = (...members: Value[]) =>
  declaredResource("gcp:cloudrunv2/serviceIamBinding:ServiceIamBinding", "callers", {
    ...{ project: "p", name: "careflow-agent", role: "roles/run.invoker", members },
  });
const policy = (policyData: Value) =>
  declaredResource("gcp:cloudrunv2/serviceIamPolicy:ServiceIamPolicy", "all", {
    project: "p",
    name: "careflow-agent",
    policyData,
  });
const dangers = (before: DeclaredResource[], after: DeclaredResource[]) =>
  dangersOf([], declaredStack(...before), declaredStack(...after)).map(({ text }) => text);

test("members that are given a role together are told as those that are given it one by one", () => {
  expect(sentences([calls("roles/run.invoker")], [binding(member)])).toEqual([]);
  expect(sentences([binding(member)], [binding(member, UNKNOWN)])).toEqual([
    "(known after up) may now invoke service careflow-agent",
  ]);
});

test.each([
  ["allUsers", "Everybody on the internet may invoke service careflow-agent."],
  ["allAuthenticatedUsers", "Everybody with a Google account may invoke service careflow-agent."],
])("%s is a danger, however it is granted, and is called what it is", (who, danger) => {
  const inPolicy = JSON.stringify({ bindings: [{ role: "roles/run.invoker", members: [member, who] }] });
  for (const grant of [calls("roles/run.invoker", who), binding(member, who), policy(inPolicy)]) {
    expect(dangers([calls("roles/run.invoker")], [grant])).toEqual([danger]);
    expect(sentences([calls("roles/run.invoker")], [grant])).toContain(`${who} may now invoke service careflow-agent`);
  }
});

test("a policy that is no JSON, or not known yet, breaks nothing", () => {
  for (const text of ["{", "null", '{"bindings":[null]}', UNKNOWN])
    expect(grantsOf(declaredStack(policy(text)))).toEqual([]);
});

test("everybody is not overlooked, and a member that is not known yet is not left out", () => {
  const grants = grantsOf(
    declaredStack(
      calls("roles/run.invoker", "allAuthenticatedUsers"),
      declaredResource(SERVICE_GRANT, "x", { project: "p", name: "n", role: "roles/run.invoker", member: UNKNOWN }),
      declaredResource("gcp:projects/iAMMember:IAMMember", "owner", { project: "p", role: "roles/owner", member }),
    ),
  );
  expect(grants).toMatchObject([
    { member: "allAuthenticatedUsers", everybody: true },
    { member: "(known after up)", target: "service n" },
    { member: "dental@clinic", role: "owner", target: "IAMMember owner" },
  ]);
});
