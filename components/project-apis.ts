import { Service } from "@pulumi/gcp/projects/index.js";
import * as pulumi from "@pulumi/pulumi";

export interface ProjectApisArgs {
  /** Names of APIs by project: `{ "ortho-ai-485203": ["run.googleapis.com"] }`. */
  readonly apis: Readonly<Record<string, readonly string[]>>;
}

/** Enables the APIs that a stack uses. Whatever uses them depends on this component. */
export class ProjectApis extends pulumi.ComponentResource {
  constructor(name: string, { apis }: ProjectApisArgs, opts?: pulumi.ComponentResourceOptions) {
    super("agent-worker:projects:ProjectApis", name, {}, opts);
    for (const [project, services] of Object.entries(apis)) {
      for (const service of services) enabledApi(`${name}-${project}.${service.split(".")[0]}`, project, service, this);
    }
    this.registerOutputs({});
  }
}

function enabledApi(name: string, project: string, service: string, parent: pulumi.Resource): Service {
  return new Service(
    name,
    {
      project,
      service,
      // Others in the project may use it too: a stack that goes must not take the API from them.
      disableOnDestroy: false,
      disableDependentServices: false,
    },
    { parent },
  );
}
