/** Types of the resources that rules know. */
export const JOB = "gcp:cloudrunv2/job:Job";
export const SERVICE = "gcp:cloudrunv2/service:Service";
/** Of the API's first version, in which many things are called otherwise. */
export const SERVICE_V1 = "gcp:cloudrun/service:Service";
export const WORKER_POOL = "gcp:cloudrunv2/workerPool:WorkerPool";
export const SCHEDULER_JOB = "gcp:cloudscheduler/job:Job";
export const ACCOUNT = "gcp:serviceaccount/account:Account";
export const ACCOUNT_KEY = "gcp:serviceaccount/key:Key";
export const IDENTITY_PROVIDER = "gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider";
export const SECRET_RESOURCE = "gcp:secretmanager/secret:Secret";
export const SECRET_VERSION = "gcp:secretmanager/secretVersion:SecretVersion";
export const SECRET_MEMBER = "gcp:secretmanager/secretIamMember:SecretIamMember";
export const SECRET_BINDING = "gcp:secretmanager/secretIamBinding:SecretIamBinding";
export const SECRET_POLICY = "gcp:secretmanager/secretIamPolicy:SecretIamPolicy";
export const REPOSITORY = "gcp:artifactregistry/repository:Repository";
export const ALERT_POLICY = "gcp:monitoring/alertPolicy:AlertPolicy";
export const CHANNEL = "gcp:monitoring/notificationChannel:NotificationChannel";
export const METRIC = "gcp:logging/metric:Metric";
