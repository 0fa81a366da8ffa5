import { type EventName, event } from "./events.ts";

/** What an event of the runtime's log means, and what a person does about it at night. */
export interface ExplainedEvent {
  readonly means: string;
  /** Left out where nothing is to be done. */
  readonly tonight?: string;
}

/** Each event of the contract: one that nobody explains does not compile. */
export const explained: Readonly<Record<EventName, ExplainedEvent>> = {
  [event.heartbeat]: {
    means: "The container lives. Written every `HEARTBEAT_INTERVAL`, with or without a database.",
  },
  [event.orphanRecovered]: {
    means: "A campaign's owner no longer moved, and this container took the campaign over at the step that was next.",
    tonight: "Nothing. Several in an hour mean that workers die: look for `worker_exited` before it, by `from`.",
  },
  [event.orphanQuarantined]: {
    means:
      "Whoever worked on this campaign died, more often than `AGENT_RECOVERY_LIMIT` in a row without progress; or as often, where that took a task's retries.",
    tonight:
      "Its patients are not called. Read `recovery.history` of the record and the worker's log of those times. When it is mended, set the status back to interrupted, and `recovery.count` to 0.",
  },
  [event.orphanTerminated]: {
    means: "A campaign without its owner was ended, by its policy or its age. `reason` says which.",
  },
  [event.takeoverHeld]: {
    means:
      "At least three containers, and most of all, looked dead at once. Nothing is taken over for one more observation.",
    tonight: "Look at the database and the network first: it is rather one of those than all workers.",
  },
  [event.runtimeStarted]: { means: "The runtime runs, with these versions and settings." },
  [event.runtimeExited]: { means: "The runtime ends, with this exit code, for this reason." },
  [event.settingsRefused]: {
    means: "A variable is missing or wrong. All of them are named; the exit code is 64, and a retry does not help.",
    tonight: "Go back to the last image or stack file that worked, and `pulumi up`.",
  },
  [event.settingUnknown]: { means: "A variable begins with `AGENT_` and means nothing here: most likely misspelled." },
  [event.shiftClosed]: {
    means: "The clinic is closed, or this shift was completed: there is nothing to do. Exit code 0.",
    tonight: "To run all the same, start it with `AGENT_RUN_FOR` (see the runbook).",
  },
  [event.shiftWaits]: { means: "Started a little too early, by this machine's clock: it waits." },
  [event.shiftClaimed]: { means: "The shift is this execution's." },
  [event.shiftWatched]: { means: "Another execution has the shift. Whether it lives is found out; the worker waits." },
  [event.shiftTakenOver]: {
    means: "The execution that had the shift is gone, and this one has it now.",
    tonight: "Nothing. Calls of the one before were cut: its last lines say why.",
  },
  [event.shiftLost]: {
    means: "Another execution has the shift by right. This one takes no more calls, drains and leaves.",
  },
  [event.shiftEnded]: { means: "The shift was completed (closing), or released for the next start." },
  [event.duplicateExecution]: {
    means: "Two starts of one shift: the other one lives, so this one leaves with exit code 0.",
  },
  [event.leaseUnavailable]: {
    means:
      "Whose shift it is cannot be found out, since the database does not answer. The worker runs all the same: two are better than none.",
    tonight: "Calls are answered. Mend the database, or wait: the lease is sought with each heartbeat.",
  },
  [event.leaseAvailable]: { means: "The shift has its lease after all." },
  [event.workerStarted]: { means: "The worker's process runs." },
  [event.workerExited]: {
    means:
      "The worker's process ended, with this exit code or signal. Inside a shift it is started again, after a pause that grows.",
    tonight: "Its own last lines say why. After `AGENT_RESTARTS` the container ends, and Cloud Run retries the task.",
  },
  [event.workerRestarts]: { means: "The worker is started again, after this pause, for the nth time of so many." },
  [event.socketUnavailable]: {
    means: "The worker's socket could not be opened. The worker answers calls, and gets no campaigns.",
    tonight: "Campaigns of this clinic wait. The line says what is wrong with the directory for temporary files.",
  },
  [event.healthPortUnavailable]: {
    means: "Nothing can listen on `AGENT_HEALTH_PORT`. Calls and campaigns go on; only probes get no answer.",
    tonight: "Nothing, unless something asks that port: the line says why it cannot be had.",
  },
  [event.linesLost]: {
    means:
      "So many lines of this log are missing here: nobody read standard output for a while, and they were too many.",
  },
  [event.callFailed]: {
    means:
      "A call of the worker, a heartbeat, a look at the campaigns or what was done for a shift met a mistake of the runtime. A call was answered with 500, and may be repeated.",
    tonight: "Report it, with the line.",
  },
  [event.workerUnhealthy]: {
    means:
      "The worker did not answer for itself for a minute, or said for as long that it is not well. It is killed and started again; one that answers, and has calls, is left alone until they are over.",
  },
  [event.workerKilled]: { means: "The worker and everything that it started was killed, for this reason." },
  [event.killUnconfirmed]: {
    means: "Something of the worker may still live. Nothing is given back; the leases end by themselves.",
    tonight: "Nothing within `ORPHAN_DETECTION_THRESHOLD`. If the execution is still there then, cancel it.",
  },
  [event.drainStarted]: {
    means:
      "The worker was told to take no more calls and to end: closing, a stop, or a lost shift. With `left`: so was what its own process, a shell perhaps, had left.",
  },
  [event.callsCut]: {
    means:
      "A worker was killed with this many calls. `why` says what for: `drained` (the time for the last calls was up), `unhealthy` or `unconfirmed`, as in `worker_killed`.",
    tonight:
      "With `drained`, nothing; if it happens each evening at closing, raise `drain`. Else `worker_killed` just before it says why.",
  },
  [event.signalReceived]: {
    means: "Somebody told the runtime something: SIGTERM is Cloud Run, or an operator's cancel.",
  },
  [event.migrationStarted]: { means: "Cloud Run is about to move the machine. Nothing new is begun until it is back." },
  [event.migrationEnded]: { means: "The machine was moved. Everything is verified before anything goes on." },
  [event.campaignClaimed]: { means: "A campaign is this container's." },
  [event.campaignFenced]: {
    means: "A campaign may not go on here, for this reason. The worker has five seconds to stop working on it.",
    tonight: "Nothing: another takes over. Many at once mean that the database is away.",
  },
  [event.campaignEnded]: { means: "A campaign was completed, failed, released, or given back." },
  [event.campaignUnreadable]: {
    means:
      "A field of the campaign's record has a type that no runtime gave it, or the database refuses what the runtime writes into it. Nobody works on it.",
    tonight:
      "Its patients are not called. `field` says which one, or `reason` what the database objects to: whoever owns the record has to mend it.",
  },
  [event.effectAmbiguous]: {
    means: "Whether a call happened could not be found out, and it was not made again.",
    tonight:
      "Look the attempt up where calls are listed; its key is the room's name. A person decides whether to call.",
  },
  [event.effectResolved]: {
    means:
      "An earlier owner died in a call. Its worker's successor looked the attempt up: it happened (`done`), or not (`absent`).",
  },
  [event.databaseUnavailable]: {
    means:
      "The database does not answer. Said once for each change, of heartbeats and of looks at the campaigns apart; what happens meanwhile stands in the line.",
    tonight: "Look at the database. Shifts go on; campaigns stop after `ORPHAN_DETECTION_THRESHOLD` less 15 s.",
  },
  [event.databaseAvailable]: { means: "The database answers again." },
};
