import { z } from "zod";
import type { Calendar } from "./calendar.ts";
import { DAY, formatDays, formatTime, parseDays, parseTime } from "./week.ts";

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
  workerUnhealthy: "worker_unhealthy",
  workerKilled: "worker_killed",
  /** Something of the worker may still live: nothing is given back. */
  killUnconfirmed: "kill_unconfirmed",
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
  databaseUnavailable: "database_unavailable",
  databaseAvailable: "database_available",
} as const;

export type EventName = (typeof event)[keyof typeof event];

/**
 * The calendar as the Job carries it: JSON, in the words of the settings, so that an operator can read it.
 */
export function encodeCalendar(calendar: Calendar): string {
  return JSON.stringify({
    timeZone: calendar.timeZone,
    week: calendar.windows.map(({ name, days, open, close }) => ({
      name,
      days: formatDays(days),
      open: formatTime(open),
      close: formatTime(close),
    })),
    holidays: calendar.holidays,
    lead: calendar.lead,
    drain: calendar.drain,
  });
}

const encoded = z.strictObject({
  timeZone: z.string(),
  week: z.array(z.strictObject({ name: z.string(), days: z.string(), open: z.string(), close: z.string() })),
  holidays: z.array(z.string()),
  lead: z.number().int().nonnegative().multipleOf(60),
  drain: z.number().int().nonnegative(),
});

/**
 * Reads what `encodeCalendar` wrote.
 *
 * @throws Error when the text is not a calendar of this contract
 */
export function decodeCalendar(text: string): Calendar {
  const { timeZone, week, holidays, lead, drain } = encoded.parse(JSON.parse(text));
  const windows = week.map(({ name, days, open, close }) => {
    const parsed = { days: parseDays(days), open: parseTime(open), close: parseTime(close) };
    if (parsed.days === undefined || parsed.open === undefined || parsed.close === undefined) {
      throw new Error(`${variable.calendar}: window ${name} has days or times that nobody can read`);
    }
    const closesNextDay = parsed.close <= parsed.open;
    return { name, days: parsed.days, open: parsed.open, close: parsed.close + (closesNextDay ? DAY : 0) };
  });
  return { timeZone, windows, holidays, lead, drain };
}
