import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { DeclaredStack } from "../../preview/resources.ts";
import { at } from "../support/clinic.ts";
import { named, ofType, repository, stacksOf } from "../support/stack-previews.ts";

let prod: DeclaredStack;
let staging: DeclaredStack;

beforeAll(async () => {
  const fixture = join(repository, "test/program/fixtures/literal");
  [prod, staging] = (await stacksOf(fixture, ["prod", "staging"])) as [DeclaredStack, DeclaredStack];
}, 60_000);

describe("the guide to the rounds, as it stands", () => {
  const environments = [
    ["prod", () => prod, "careflow-478811", "https://careflow-agent-abc123-uc.a.run.app"],
    ["staging", () => staging, "careflow-staging-12345", "https://careflow-agent-xyz789-uc.a.run.app"],
  ] as const;
  const times = [
    ["morning", "15 8 * * *", 8],
    ["noon", "15 12 * * *", 12],
    ["evening", "15 20 * * *", 20],
  ] as const;

  describe.each(environments)("in %s", (environment, stack, project, url) => {
    it.each(times)("calls patients for the %s round exactly as it says", (round, schedule, scheduleHour) => {
      const { inputs } = named(stack(), "Job", `rounds-${round}`);
      const { body, ...target } = inputs.httpTarget as Record<string, unknown>;
      expect({ ...inputs, httpTarget: target }).toMatchObject({
        name: `careflow-${round}-rounds`,
        project,
        region: "us-central1",
        schedule,
        timeZone: "America/New_York",
        attemptDeadline: "600s",
        retryConfig: {
          retryCount: 3,
          maxRetryDuration: "0s",
          minBackoffDuration: "60s",
          maxBackoffDuration: "300s",
        },
        httpTarget: {
          httpMethod: "POST",
          uri: `${url}/`,
          headers: { "Content-Type": "application/json" },
          oidcToken: {
            serviceAccountEmail: `careflow-scheduler@${project}.iam.gserviceaccount.com`,
            audience: url,
          },
        },
      });
      expect(JSON.parse(Buffer.from(String(body), "base64").toString())).toEqual({
        scheduleHour,
        timezone: "America/New_York",
        triggerType: "scheduled",
        source: "cloud-scheduler",
        environment,
      });
    });

    it("has an account that may call the agent, and nothing else", () => {
      const { inputs } = named(stack(), "Account", "rounds-invoker-account");
      expect(inputs).toMatchObject({ accountId: "careflow-scheduler", project });
      const member = `serviceAccount:careflow-scheduler@${project}.iam.gserviceaccount.com`;
      const rights = stack().resources.filter((resource) => resource.inputs.member === member);
      expect(rights.map(({ type, inputs }) => [type, inputs])).toEqual([
        [
          "gcp:cloudrunv2/serviceIamMember:ServiceIamMember",
          { name: "careflow-agent", location: "us-central1", project, role: "roles/run.invoker", member },
        ],
      ]);
    });

    it("enables the three APIs that it lists", () => {
      const apis = ofType(stack(), "Service").filter(({ inputs }) => inputs.project === project);
      expect(apis.map(({ inputs }) => inputs.service).sort()).toEqual([
        "cloudscheduler.googleapis.com",
        "iam.googleapis.com",
        "run.googleapis.com",
      ]);
    });
  });

  it("declares its sixteen resources over both environments, and no others for the rounds", () => {
    const ofRounds = environments.flatMap(([, stack, project]) =>
      stack().resources.filter(({ custom, inputs }) => custom && inputs.project === project),
    );
    expect(ofRounds).toHaveLength(16);
  });
});

describe("the guide to the worker, as it stands", () => {
  const job = () => named(prod, "Job", "dental-agent-worker-job");

  it.each([
    ["gcloud run jobs create dental-agent-worker", "name", "dental-agent-worker"],
    ["--region us-central1", "location", "us-central1"],
    ["--task-timeout 14400", "template.template.timeout", "14400s"],
    ["--max-retries 0", "template.template.maxRetries", 0],
    ["--parallelism 1", "template.parallelism", 1],
    ["--cpu 2", "template.template.containers.0.resources.limits.cpu", "2"],
    ["--memory 4Gi", "template.template.containers.0.resources.limits.memory", "4Gi"],
    [
      "--image",
      "template.template.containers.0.image",
      "us-central1-docker.pkg.dev/ortho-ai-485203/agent-repo/dental-agent-worker:prod",
    ],
    ["the image's own ENTRYPOINT", "template.template.containers.0.commands", undefined],
  ])("%s", (_, path, value) => {
    expect(at(job().inputs, path)).toBe(value);
  });

  it("--set-env-vars and --set-secrets", () => {
    const latest = (name: string, secret: string) => ({
      name,
      valueSource: { secretKeyRef: { secret, version: "latest" } },
    });
    expect(at(job().inputs, "template.template.containers.0.envs")).toEqual([
      latest("DEEPGRAM_API_KEY", "deepgram-key"),
      { name: "ENVIRONMENT", value: "production" },
      latest("LIVEKIT_API_KEY", "livekit-api-key"),
      latest("LIVEKIT_API_SECRET", "livekit-api-secret"),
      latest("LIVEKIT_URL", "livekit-url"),
      latest("OPENAI_API_KEY", "openai-key"),
      latest("SUPABASE_SERVICE_ROLE_KEY", "supabase-key"),
      latest("SUPABASE_URL", "supabase-url"),
    ]);
  });

  it.each([
    ["weekday", "0 9 * * 1-5"],
    ["saturday", "0 10 * * 6"],
  ])("gcloud scheduler jobs create http dental-agent-start-%s", (window, schedule) => {
    expect(named(prod, "Job", `dental-agent-worker-start.${window}`).inputs).toMatchObject({
      name: `dental-agent-start-${window}`,
      region: "us-central1",
      schedule,
      timeZone: "Asia/Karachi",
      httpTarget: {
        httpMethod: "POST",
        uri: "https://run.googleapis.com/v2/projects/ortho-ai-485203/locations/us-central1/jobs/dental-agent-worker:run",
        oauthToken: { serviceAccountEmail: "agent-worker-starts@ortho-ai-485203.iam.gserviceaccount.com" },
      },
    });
  });

  it("gcloud artifacts repositories create agent-repo", () => {
    expect(named(prod, "Repository", "images-repository").inputs).toMatchObject({
      repositoryId: "agent-repo",
      format: "DOCKER",
      location: "us-central1",
    });
  });
});
