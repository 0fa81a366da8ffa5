import { describe, expect, test } from "vitest";
import type { SecretPlan } from "../../domain/secrets.ts";
import { planSecrets, secretFindings } from "../../domain/secrets.ts";
import type { SecretSettings } from "../../domain/settings/secrets.ts";
import { dentalWorker, stack } from "./clinic.ts";

function secretsOf(...workers: readonly Record<string, unknown>[]): readonly SecretPlan[] {
  const entries = workers.map((secrets, index) => [`worker-${index}`, { ...dentalWorker, secrets }]);
  return stack({ workers: Object.fromEntries(entries) }).secrets;
}

test("a secret that two workers share is declared once, and read by both accounts", () => {
  const secrets = secretsOf(
    { URL: { secret: "livekit-url", version: "1" } },
    { URL: { secret: "livekit-url", version: "2" } },
  );
  expect(secrets.map(({ secretId, readers }) => [secretId, readers.map(({ accountId }) => accountId)])).toEqual([
    ["livekit-url", ["worker-0", "worker-1"]],
  ]);
});

test("a worker that reads a secret twice gets the right to it once", () => {
  const [secret] = secretsOf({ A: { secret: "key", version: "1" }, B: { secret: "key", version: "2" } });
  expect(secret?.readers).toHaveLength(1);
});

describe("whose a secret is", () => {
  test.each<[string, Record<string, unknown>, Partial<SecretPlan>]>([
    ["declared here, versions come from people", { version: "1" }, { origin: "declared", bytes: 0, rotations: [] }],
    ["somebody else's", { version: "1", existing: true }, { origin: "existing" }],
    [
      "made here, a version each rotation, oldest first",
      { generate: { rotations: ["2026-q4", "2027-q1"] } },
      { origin: "generated", bytes: 32, rotations: ["2026-q4", "2027-q1"] },
    ],
  ])("%s", (_, settings, plan) => {
    expect(secretsOf({ KEY: { secret: "key", ...settings } })).toEqual([expect.objectContaining(plan)]);
  });
});

describe("two uses of one secret", () => {
  const declared: SecretSettings = { secret: "key", version: "1", existing: false };
  const generated: SecretSettings = { secret: "key", existing: false, generate: { bytes: 32, rotations: ["a"] } };
  const uses = (...secrets: readonly SecretSettings[]) =>
    secrets.map((secret, index) => ({ worker: `worker-${index}`, variable: "KEY", secret }));

  test.each<[string, SecretSettings, SecretSettings, paths: readonly string[]]>([
    ["may read different versions", declared, { ...declared, version: "2" }, []],
    ["may be alike", generated, generated, []],
    ["must agree whose it is", declared, { ...declared, existing: true }, ["workers.worker-1.secrets.KEY"]],
    ["must agree who makes it", declared, generated, ["workers.worker-1.secrets.KEY"]],
    [
      "must agree how it is made: two payloads would replace each other in turn",
      generated,
      { ...generated, generate: { bytes: 32, rotations: ["a", "b"] } },
      ["workers.worker-1.secrets.KEY.generate"],
    ],
  ])("%s", (_, first, second, paths) => {
    expect(secretFindings(uses(first, second)).map(({ path }) => path)).toEqual(paths);
  });

  test("are compared in the component too, which knows no stack file", () => {
    const { settings, context } = stack({
      workers: { a: { ...dentalWorker, secrets: { KEY: { secret: "key", version: "1" } } } },
    });
    const a = settings.workers.a;
    if (a === undefined) throw new Error("no worker");
    const b = { ...a, secrets: { KEY: { secret: "key", version: "1", existing: true } } };
    expect(() => planSecrets({ a, b }, context)).toThrow("key is existing here and declared at workers.a.secrets.KEY");
  });
});

test("secrets are protected in prod, and labelled", () => {
  const workers = { dental: { ...dentalWorker, secrets: { KEY: { secret: "key", version: "1" } } } };
  expect(stack({ workers }).secrets[0]).toMatchObject({ protect: true, labels: { component: "secrets" } });
  expect(stack({ workers, environment: "staging" }).secrets[0]).toMatchObject({ protect: false });
});
