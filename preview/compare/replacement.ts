/**
 * Inputs whose change replaces a resource: by type and path, each with the place where it was read (November 2026).
 *
 * `magic-modules` is github.com/GoogleCloudPlatform/magic-modules under mmv1/, from which the provider is generated. A
 * type that is not here is none of ours: what replaces it is not known, and the comparison says so.
 */

/** Where a fact about a provider was read. */
export type Source = string;

const mm = (path: string): Source => `magic-modules, ${path}`;
const all = (source: Source, ...paths: readonly string[]): Readonly<Record<string, Source>> =>
  Object.fromEntries(paths.map((path) => [path, source]));

/** Every input of a binding is its identity: there is nothing to change in place. */
const binding = (...parentKeys: readonly string[]) =>
  all(mm("third_party/terraform/tpgiamresource/resource_iam_member.go"), ...parentKeys, "role", "member");

export const accountSource = mm("third_party/terraform/services/resourcemanager/resource_google_service_account.go");
export const passwordSource: Source = "hashicorp/terraform-provider-random, internal/provider/resource_password.go";

export const replacedBy = {
  "gcp:projects/service:Service": all(
    mm("services/resourcemanager/resource_google_project_service.go"),
    ...["project", "service"],
  ),
  "gcp:artifactregistry/repository:Repository": all(
    mm("products/artifactregistry/Repository.yaml"),
    ...["project", "location", "repositoryId", "format", "mode"],
  ),
  "gcp:secretmanager/secret:Secret": all(
    mm("products/secretmanager/Secret.yaml"),
    ...["project", "secretId", "replication"],
  ),
  "gcp:secretmanager/secretVersion:SecretVersion": all(
    mm("products/secretmanager/SecretVersion.yaml"),
    ...["secret", "secretData"],
  ),
  "gcp:secretmanager/secretIamMember:SecretIamMember": binding("project", "secretId"),
  "gcp:serviceaccount/account:Account": all(accountSource, "accountId", "project"),
  "gcp:cloudrunv2/job:Job": all(mm("products/cloudrunv2/Job.yaml"), "name", "location", "project"),
  "gcp:cloudrunv2/jobIamMember:JobIamMember": binding("project", "location", "name"),
  "gcp:cloudrunv2/serviceIamMember:ServiceIamMember": binding("project", "location", "name"),
  "gcp:cloudscheduler/job:Job": all(mm("products/cloudscheduler/Job.yaml"), "name", "region", "project"),
  "gcp:logging/metric:Metric": all(mm("products/logging/Metric.yaml"), "project"),
  "gcp:monitoring/notificationChannel:NotificationChannel": all(
    mm("products/monitoring/NotificationChannel.yaml"),
    "project",
  ),
  "gcp:monitoring/alertPolicy:AlertPolicy": all(mm("products/monitoring/AlertPolicy.yaml"), "project"),
  "gcp:monitoring/dashboard:Dashboard": all(
    mm("third_party/terraform/services/monitoring/resource_monitoring_dashboard.go"),
    "project",
  ),
  "random:index/randomPassword:RandomPassword": all(passwordSource, "length", "special", "overrideSpecial"),
} as const satisfies Readonly<Record<string, Readonly<Record<string, Source>>>>;

/** The paths that replace a resource of some type; `undefined` where nothing is known of the type. */
export function replacingPaths(type: string): readonly string[] | undefined {
  return Object.hasOwn(replacedBy, type) ? Object.keys(replacedBy[type as keyof typeof replacedBy]) : undefined;
}
