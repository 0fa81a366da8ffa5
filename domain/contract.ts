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

export { type EventName, event } from "./events.ts";
