export { decodeCalendar, encodeCalendar } from "./calendar-text.ts";

/**
 * What the program (which declares a Job) and the runtime (which runs inside it) must agree on.
 * Raise the version when an older runtime could not run under what a newer program declares.
 */
export const CONTRACT_VERSION = 1;

/** Where a worker's image holds the runtime: an executable that starts an init process and the runtime below it. */
export const RUNTIME_PATH = "/opt/agent-runtime/agent-runtime";

/** The environment variables that the program sets, by what they mean. */
export const variable = {
  /** `production` or `development` (source 001). */
  environment: "ENVIRONMENT",
  contract: "AGENT_CONTRACT",
  /** The Job's full name, `projects/…/locations/…/jobs/…`: the scope of a shift's record. */
  job: "AGENT_JOB",
  calendar: "AGENT_CALENDAR",
  heartbeatInterval: "HEARTBEAT_INTERVAL",
  orphanAfter: "ORPHAN_DETECTION_THRESHOLD",
  /** Set for one execution by a manual start: run for this long, whatever the calendar says. */
  runFor: "AGENT_RUN_FOR",
  /** Set by the runtime for the worker it starts. */
  socket: "AGENT_RUNTIME_SOCKET",
} as const;

/** Variables that nobody sets by hand, and what they follow from. */
export const contractVariables: Readonly<Record<string, string>> = {
  [variable.environment]: "environment",
  [variable.contract]: "the version of agent-worker",
  [variable.job]: "the worker's key",
  [variable.calendar]: "officeHours, lead and drain",
  [variable.heartbeatInterval]: "heartbeat.interval",
  [variable.orphanAfter]: "heartbeat.orphanAfter",
  [variable.runFor]: "a manual start (see the runbook)",
  [variable.socket]: "the runtime",
};

/** The `event` field of the runtime's log lines, by what happened. Alerts and dashboards read the first three. */
export const event = {
  heartbeat: "worker_heartbeat",
  orphanRecovered: "orphan_recovered",
  orphanQuarantined: "orphan_quarantined",
  orphanTerminated: "orphan_terminated",
  /** Too many look dead at once: it is rather this container, or the database. */
  takeoverHeld: "takeover_held",
  runtimeStarted: "runtime_started",
  runtimeExited: "runtime_exited",
  settingsRefused: "settings_refused",
  settingUnknown: "setting_unknown",
  shiftClosed: "shift_closed",
  shiftWaits: "shift_waits",
  shiftClaimed: "shift_claimed",
  shiftWatched: "shift_watched",
  shiftTakenOver: "shift_taken_over",
  shiftLost: "shift_lost",
  shiftEnded: "shift_ended",
  duplicateExecution: "duplicate_execution",
  leaseUnavailable: "lease_unavailable",
  leaseAvailable: "lease_available",
  workerStarted: "worker_started",
  workerExited: "worker_exited",
  workerRestarts: "worker_restarts",
  workerUnhealthy: "worker_unhealthy",
  workerKilled: "worker_killed",
  /** Something of the worker may still live: nothing is given back. */
  killUnconfirmed: "kill_unconfirmed",
  /** The worker has no socket: it answers calls, and gets no campaigns. */
  socketUnavailable: "socket_unavailable",
  drainStarted: "drain_started",
  callsCut: "calls_cut",
  signalReceived: "signal_received",
  migrationStarted: "migration_started",
  migrationEnded: "migration_ended",
  campaignClaimed: "campaign_claimed",
  campaignFenced: "campaign_fenced",
  campaignEnded: "campaign_ended",
  campaignUnreadable: "campaign_unreadable",
  effectAmbiguous: "effect_ambiguous",
  effectResolved: "effect_resolved",
  databaseUnavailable: "database_unavailable",
  databaseAvailable: "database_available",
  /** A call of the worker met a bug of the runtime. */
  callFailed: "call_failed",
} as const;

export type EventName = (typeof event)[keyof typeof event];
