import { describe, expect, test } from "vitest";
import { FindingsError } from "../../domain/findings.ts";
import { planStack } from "../../domain/plan.ts";
import { careflow, dentalWorker, stack } from "./clinic.ts";

describe("every section may be left out", () => {
  test.each<[string, Record<string, unknown>, plan: Record<string, unknown>]>([
    ["all of them", {}, { workers: [], starts: undefined, secrets: [], rounds: undefined, repository: undefined }],
    [
      "but workers",
      { workers: { dental: dentalWorker } },
      {
        workers: [expect.objectContaining({ key: "dental" })],
        starts: { accountEmail: "agent-worker-starts@ortho-ai-485203.iam.gserviceaccount.com" },
        rounds: undefined,
      },
    ],
    ["but rounds", { rounds: careflow }, { workers: [], rounds: expect.objectContaining({ name: "careflow" }) }],
    [
      "but images",
      { images: { repository: "agent-repo" } },
      { repository: expect.objectContaining({ repositoryId: "agent-repo" }) },
    ],
  ])("%s", (_, sections, plan) => {
    expect(stack(sections)).toMatchObject(plan);
  });
});

test("a name that JavaScript gives a meaning of its own is refused, and not dropped with all that it declares", () => {
  const workers = JSON.parse(`{"__proto__": ${JSON.stringify(dentalWorker)}}`);
  expect(() => stack({ workers })).toThrow(/workers\.__proto__ +is no possible name/);
});

test("what is known to be wrong already is shown with the rest", () => {
  const known = { path: "workers", problem: "holds an encrypted value.", remedy: "Move it." };
  expect(() => planStack({ environment: "production" }, [known])).toThrow(/environment .*workers +holds an encrypted/s);
});

test("a plan remembers what was written, for the components that read it again", () => {
  const configuration = { "gcp:project": "ortho-ai-485203", "gcp:region": "us-central1", environment: "staging" };
  expect(planStack(configuration).input).toEqual(configuration);
});

test("the environment decides protection, not the stack's name", () => {
  const images = { repository: "agent-repo" };
  expect(stack({ images }).repository).toMatchObject({ protect: true, immutableTags: true });
  expect(stack({ images, environment: "staging" }).repository).toMatchObject({ protect: false, immutableTags: false });
});

test("a repository may be shared from another project and region", () => {
  expect(
    stack({ images: { repository: "r", project: "shared-images", region: "europe-west1" } }).repository,
  ).toMatchObject({
    project: "shared-images",
    region: "europe-west1",
  });
});

test("nothing is planned while anything is wrong", () => {
  expect(() => stack({ workers: { dental: { ...dentalWorker, cpu: 3 } }, rounds: careflow })).toThrow(FindingsError);
});

test("nothing is planned while two parts contradict each other, though each is right", () => {
  const secrets = { A: { secret: "key", version: "1" }, B: { secret: "key", version: "1", existing: true } };
  expect(() => stack({ workers: { dental: { ...dentalWorker, secrets } } })).toThrow("existing here and declared");
});
