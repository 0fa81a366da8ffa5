import type { Calendar } from "../domain/calendar.ts";
import type { Seconds } from "../domain/duration.ts";
import type { RecoveryPolicy } from "./lease/record.ts";
import type { RecordNames } from "./store/names.ts";

/** Where this container stands at Cloud Run: CLOUD_RUN_EXECUTION, CLOUD_RUN_TASK_INDEX, CLOUD_RUN_TASK_ATTEMPT. */
export interface Place {
  readonly execution: string;
  readonly task: number;
  readonly attempt: number;
}

/** Where the records are. */
export interface DatabaseSettings {
  /** MONGODB_URI. A secret: it never stands in a log or an error. */
  readonly uri: string;
  /** AGENT_DATABASE, where the URI names none or another is meant. */
  readonly database: string | undefined;
  readonly names: RecordNames;
}

/** Everything that the environment says to the runtime. */
export interface Settings {
  /** Absent outside Cloud Run. */
  readonly place: Place | undefined;
  /** AGENT_JOB: the scope of the shift's record. */
  readonly job: string | undefined;
  /** AGENT_CALENDAR. Without one the worker runs until it ends or is told to. */
  readonly calendar: Calendar | undefined;
  /** AGENT_RUN_FOR: run this long, whatever the calendar says. */
  readonly runFor: Seconds | undefined;
  /** HEARTBEAT_INTERVAL, 30 s. */
  readonly interval: Seconds;
  /** ORPHAN_DETECTION_THRESHOLD, 120 s. */
  readonly orphanAfter: Seconds;
  /** AGENT_CAPACITY, 1: how many campaigns at once. */
  readonly capacity: number;
  /** AGENT_RECOVERY_POLICY, for campaigns that state none: resume. */
  readonly recoveryPolicy: RecoveryPolicy;
  /** AGENT_RECOVERY_LIMIT, 3: how many recoveries without progress before a campaign is quarantined. */
  readonly recoveryLimit: number;
  /** AGENT_GRACE, 10 s: from SIGTERM to SIGKILL, as Cloud Run gives it. */
  readonly grace: Seconds;
  /** AGENT_RESTARTS, 5: how often a worker that died is started again in a shift. */
  readonly restarts: number;
  /** AGENT_WORKER_HEALTH: where the worker answers for itself; LiveKit's own by default, undefined for `off`. */
  readonly workerHealth: URL | undefined;
  /** AGENT_HEALTH_PORT: the runtime's own probes on a loopback port, where something asks for them. */
  readonly healthPort: number | undefined;
  /** AGENT_REQUIRES: the variables without which the worker cannot run. */
  readonly requires: readonly string[];
  /** Absent without MONGODB_URI: no leases, and said so. */
  readonly database: DatabaseSettings | undefined;
}
