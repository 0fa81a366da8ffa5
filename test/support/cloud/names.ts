/** The types that our programs use, as Pulumi names them. */
export const API = "gcp:projects/service:Service";
export const REPOSITORY = "gcp:artifactregistry/repository:Repository";
export const SECRET = "gcp:secretmanager/secret:Secret";
export const SECRET_VERSION = "gcp:secretmanager/secretVersion:SecretVersion";
export const SECRET_GRANT = "gcp:secretmanager/secretIamMember:SecretIamMember";
export const ACCOUNT = "gcp:serviceaccount/account:Account";
export const JOB = "gcp:cloudrunv2/job:Job";
export const JOB_GRANT = "gcp:cloudrunv2/jobIamMember:JobIamMember";
export const SERVICE_GRANT = "gcp:cloudrunv2/serviceIamMember:ServiceIamMember";
export const SCHEDULER_JOB = "gcp:cloudscheduler/job:Job";
export const METRIC = "gcp:logging/metric:Metric";
export const POLICY = "gcp:monitoring/alertPolicy:AlertPolicy";
export const CHANNEL = "gcp:monitoring/notificationChannel:NotificationChannel";
export const DASHBOARD = "gcp:monitoring/dashboard:Dashboard";
export const RANDOM_PASSWORD = "random:index/randomPassword:RandomPassword";

/** A project's number: Google writes some names with it (`projects/123456789012/…`). */
export function withProjectNumber(name: string): string {
  return name.replace(/^projects\/([^/]+)/, (_, project: string) => `projects/${numberOf(project)}`);
}

/** Any twelve digits, the same for the same project. */
function numberOf(project: string): string {
  const sum = [...project].reduce((all, letter) => (all * 31 + letter.charCodeAt(0)) % 1e11, 7);
  return String(1e11 + sum);
}
