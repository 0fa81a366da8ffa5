import { describe, expect, it } from "vitest";
import { ProjectApis } from "../../components/project-apis.ts";
import { WorkerImages } from "../../components/worker-images.ts";
import { WorkerSecrets } from "../../components/worker-secrets.ts";
import type { WorkerInput } from "../../domain/settings/worker.ts";
import { prod, staging, worker } from "../support/clinic.ts";
import { all, declaredBy, one } from "../support/declared.ts";

type Secrets = NonNullable<WorkerInput["secrets"]>;

function store(secrets: Record<string, Secrets>, context = staging) {
  const workers = Object.fromEntries(Object.entries(secrets).map(([key, own]) => [key, worker({ secrets: own })]));
  return declaredBy(() => {
    new WorkerSecrets("secrets", { ...context, workers });
  });
}

describe("secrets", () => {
  const shared: Secrets = { LIVEKIT_URL: { secret: "livekit-url", version: "1" } };
  const generated = (...rotations: string[]): Secrets => ({ TOKEN: { secret: "token", generate: { rotations } } });

  it("are declared once, however many workers read them: a second one would meet a 409 for ever", async () => {
    expect(all(await store({ dental: shared, ortho: shared }), "Secret")).toHaveLength(1);
  });

  it("that are somebody else's are not declared", async () => {
    const existing = { SUPABASE_URL: { secret: "supabase-url", version: "1", existing: true } };
    expect(all(await store({ dental: existing }), "Secret")).toEqual([]);
  });

  it("get no version from the stack where people add them: a payload would be in its state", async () => {
    expect(all(await store({ dental: shared }), "SecretVersion")).toEqual([]);
  });

  it("are protected in prod in both ways: Google's own comes too late in a destroy, Pulumi's can be switched off", async () => {
    expect(one(await store({ dental: shared }, prod), "Secret", "secrets-livekit-url")).toMatchObject({
      protect: true,
      inputs: { deletionProtection: true },
    });
    const inStaging = one(await store({ dental: shared }), "Secret", "secrets-livekit-url");
    expect([inStaging.protect, inStaging.inputs.deletionProtection]).toEqual([undefined, false]);
  });

  it("lose both protections in prod when the settings say so, or nothing there could ever be removed", async () => {
    const secret = one(await store({ dental: shared }, { ...prod, protect: false }), "Secret", "secrets-livekit-url");
    expect([secret.protect, secret.inputs.deletionProtection]).toEqual([undefined, false]);
  });

  it("that are generated never show their payload", async () => {
    const version = one(await store({ dental: generated("one") }), "SecretVersion", "secrets-token.one");
    expect(version.inputs.secretData).toEqual({ secret: "cGF5bG9hZA" });
  });

  it("that are generated are worth as many random bytes as the settings say", async () => {
    const bytes = { TOKEN: { secret: "token", generate: { bytes: 48, rotations: ["one"] } } };
    const [payload] = all(await store({ dental: bytes }), "RandomPassword");
    expect(payload?.inputs).toMatchObject({ length: 64, special: true, overrideSpecial: "-_" });
  });

  it("keep the version before when they rotate, so that a running worker does not lose what it reads", async () => {
    const before = await store({ dental: generated("2026-q3") });
    const after = await store({ dental: generated("2026-q3", "2026-q4") });
    expect(after.map(({ urn }) => urn)).toEqual(expect.arrayContaining(before.map(({ urn }) => urn)));
    expect(all(after, "SecretVersion")).toHaveLength(2);
  });

  it("name their parent in full and by project id, as text that is known in a preview", async () => {
    const version = one(await store({ dental: generated("one") }), "SecretVersion", "secrets-token.one");
    expect(version.inputs.secret).toBe("projects/clinic-project/secrets/token");
    expect(version.dependencies).toContain(
      "urn:pulumi:test::agent-worker::agent-worker:secrets:WorkerSecrets$gcp:secretmanager/secret:Secret::secrets-token",
    );
  });

  it("of two rotations never share a name, whatever they are called", async () => {
    const secrets: Secrets = {
      A: { secret: "a", generate: { rotations: ["b-c"] } },
      B: { secret: "a-b", generate: { rotations: ["c"] } },
    };
    const urns = (await store({ dental: secrets })).map(({ urn }) => urn);
    expect(new Set(urns).size).toBe(urns.length);
  });
});

describe("the images' repository", () => {
  const images = (context = staging) =>
    declaredBy(() => {
      new WorkerImages("images", { ...context, repository: "agents" });
    });

  it("has tags that cannot move in prod, and is protected there; stated as false, every preview would show a difference", async () => {
    expect(one(await images(prod), "Repository", "images-repository")).toMatchObject({
      protect: true,
      inputs: { dockerConfig: { immutableTags: true } },
    });
    const inStaging = one(await images(), "Repository", "images-repository");
    expect(inStaging.protect).toBeUndefined();
    expect(inStaging.inputs).not.toHaveProperty("dockerConfig");
  });

  it("keeps the newest versions, though they have lost their tag: one may still be pinned by its digest", async () => {
    const { cleanupPolicies, cleanupPolicyDryRun } = one(await images(), "Repository", "images-repository").inputs;
    expect(cleanupPolicyDryRun).toBe(false);
    expect(cleanupPolicies).toEqual([
      { id: "delete-untagged", action: "DELETE", condition: { tagState: "UNTAGGED", olderThan: "2592000s" } },
      { id: "keep-newest", action: "KEEP", mostRecentVersions: { keepCount: 10 } },
    ]);
  });
});

describe("APIs", () => {
  it("stay enabled when a stack goes: others in the project may use them", async () => {
    const declared = await declaredBy(() => {
      new ProjectApis("apis", { apis: { "clinic-project": ["run.googleapis.com"], other: ["run.googleapis.com"] } });
    });
    expect(all(declared, "Service").map(({ name, inputs }) => [name, inputs])).toEqual([
      [
        "apis-clinic-project.run",
        {
          project: "clinic-project",
          service: "run.googleapis.com",
          disableOnDestroy: false,
          disableDependentServices: false,
        },
      ],
      ["apis-other.run", expect.objectContaining({ project: "other" })],
    ]);
  });
});
