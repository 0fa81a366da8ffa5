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
  healthPortUnavailable: "health_port_unavailable",
  /** Of this log: nobody read them. */
  linesLost: "lines_lost",
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
