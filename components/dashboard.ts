import { Dashboard as MonitoringDashboard } from "@pulumi/gcp/monitoring/index.js";
import * as pulumi from "@pulumi/pulumi";
import type { DashboardPlan } from "../domain/alerts/plan.ts";

export interface DashboardArgs {
  readonly plan: DashboardPlan;
}

/** The stack's dashboard in Cloud Monitoring. */
export class Dashboard extends pulumi.ComponentResource {
  /** Its page in the console. */
  readonly url: pulumi.Output<string>;

  constructor(name: string, { plan }: DashboardArgs, opts?: pulumi.ComponentResourceOptions) {
    super("agent-worker:monitoring:Dashboard", name, {}, opts);
    const { project, json } = plan;
    const dashboard = new MonitoringDashboard(
      `${name}-dashboard`,
      { project, dashboardJson: JSON.stringify(json) },
      { parent: this },
    );
    this.url = dashboard.id.apply(
      (id) =>
        `https://console.cloud.google.com/monitoring/dashboards/builder/${id.split("/").at(-1)}?project=${project}`,
    );
    this.registerOutputs({ url: this.url });
  }
}
