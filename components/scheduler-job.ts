import { Job } from "@pulumi/gcp/cloudscheduler/index.js";
import type * as pulumi from "@pulumi/pulumi";
import { apiDuration } from "../domain/duration.ts";
import type { SchedulerJobPlan } from "../domain/scheduler.ts";

/** What a token may do. Google's default for calls of its APIs, spelled out since what is left out is not reset. */
const CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform";

/** Declares a Cloud Scheduler job, for a start or a round. */
export function schedulerJob(
  name: string,
  plan: SchedulerJobPlan,
  callerEmail: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): Job {
  return new Job(
    name,
    {
      project: plan.project,
      region: plan.region,
      name: plan.name,
      description: plan.description,
      schedule: plan.cron,
      timeZone: plan.timeZone,
      attemptDeadline: apiDuration(plan.attemptDeadline),
      // Undeclared unless the settings say so: an operator's pause is not to be undone by the next deployment.
      ...(plan.paused === undefined ? {} : { paused: plan.paused }),
      ...retryConfig(plan),
      httpTarget: {
        uri: plan.uri,
        httpMethod: "POST",
        ...content(plan),
        ...token(plan, callerEmail),
      },
    },
    opts,
  );
}

/** Without retries the block is left out: stated with a count of 0, every preview would show a difference. */
function retryConfig({ retry }: SchedulerJobPlan) {
  if (retry.count === 0) return {};
  return {
    retryConfig: {
      retryCount: retry.count,
      // No limit in time: the count alone decides.
      maxRetryDuration: apiDuration(0),
      minBackoffDuration: apiDuration(retry.minBackoff),
      maxBackoffDuration: apiDuration(retry.maxBackoff),
      maxDoublings: retry.maxDoublings,
    },
  };
}

/** Without the header Cloud Scheduler says application/octet-stream, and an agent that parses JSON sees none. */
function content({ body }: SchedulerJobPlan) {
  if (body === undefined) return {};
  return {
    headers: { "Content-Type": "application/json" },
    body: Buffer.from(JSON.stringify(body)).toString("base64"),
  };
}

function token({ token }: SchedulerJobPlan, serviceAccountEmail: pulumi.Input<string>) {
  return token.kind === "oauth"
    ? { oauthToken: { serviceAccountEmail, scope: CLOUD_PLATFORM } }
    : { oidcToken: { serviceAccountEmail, audience: token.audience } };
}
