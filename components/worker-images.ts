import { Repository } from "@pulumi/gcp/artifactregistry/index.js";
import * as pulumi from "@pulumi/pulumi";
import { apiDuration } from "../domain/duration.ts";
import { imagePrefix } from "../domain/names.ts";
import type { RepositoryPlan } from "../domain/plan.ts";
import type { SettingsInput } from "../domain/settings/settings.ts";
import { type ContextArgs, checkedPlan, protection } from "./checked.ts";

export interface WorkerImagesArgs extends ContextArgs {
  /** Name of the repository alone, such as `agent-repo`. */
  readonly repository: string;
}

/** How many versions of each image stay, whatever their age: enough to go back a few deployments. */
const KEPT_VERSIONS = 10;
/** How long an image stays that has lost its tag. */
const UNTAGGED_DAYS = 30;

/** The Artifact Registry repository of the workers' images. */
export class WorkerImages extends pulumi.ComponentResource {
  readonly plan: RepositoryPlan;
  readonly repository: Repository;
  /** What an image's name begins with: `us-central1-docker.pkg.dev/PROJECT/REPOSITORY`. */
  readonly prefix: string;

  constructor(name: string, args: WorkerImagesArgs, opts?: pulumi.ComponentResourceOptions) {
    const plan = repositoryPlan(name, args);
    super("agent-worker:images:WorkerImages", name, {}, opts);
    this.plan = plan;
    this.repository = dockerRepository(`${name}-repository`, plan, this);
    this.prefix = imagePrefix(plan);
    this.registerOutputs({ prefix: this.prefix });
  }
}

function repositoryPlan(name: string, { repository, ...context }: WorkerImagesArgs): RepositoryPlan {
  const images: SettingsInput["images"] = { repository };
  const plan = checkedPlan(`WorkerImages ${name}`, context, { images }, "images").repository;
  if (plan === undefined) throw new Error("a stack with images was planned without a repository");
  return plan;
}

function dockerRepository(name: string, plan: RepositoryPlan, parent: pulumi.Resource): Repository {
  return new Repository(
    name,
    {
      project: plan.project,
      location: plan.region,
      repositoryId: plan.repositoryId,
      format: "DOCKER",
      mode: "STANDARD_REPOSITORY",
      description: "Images of the voice-agent workers",
      labels: plan.labels,
      // Left out rather than stated as false: Google answers with nothing then, and the provider would find a difference
      // each time. What it is follows from the environment, which no repository changes.
      ...(plan.immutableTags ? { dockerConfig: { immutableTags: true } } : {}),
      cleanupPolicyDryRun: false,
      cleanupPolicies: [
        {
          id: "delete-untagged",
          action: "DELETE",
          condition: { tagState: "UNTAGGED", olderThan: apiDuration(UNTAGGED_DAYS * 86_400) },
        },
        // Where tags can move, a digest that is still pinned may lose its tag: it then stays as one of the newest.
        { id: "keep-newest", action: "KEEP", mostRecentVersions: { keepCount: KEPT_VERSIONS } },
      ],
    },
    { parent, ...protection(plan.protect) },
  );
}
