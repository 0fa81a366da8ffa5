/** What goes wrong, in the words of a story. */
export const faultNames = [
  // Between one container and the database.
  "requests get lost",
  "answers get lost",
  "requests arrive twice",
  "requests arrive late",
  "answers arrive late",
  "connections break",
  "the database is slow",
  "cut off from the database",
  "heartbeats get lost",
  // The database itself.
  "the database is away",
  "a new primary",
  "a new primary that is behind",
  "no majority for a while",
  "a primary is lost with its last writes",
  "an old primary goes on alone",
  "the database's clock is set",
  "the database refuses a campaign",
  "all but one are cut off",
  // A container.
  "the runtime is stopped",
  "stopped in the middle of a write, and then cut off",
  "the machine stands still",
  "the machine is moved",
  "the wall clock is set",
  "a crash",
  "a crash, and its last heartbeat lands when another takes over",
  "SIGTERM",
  "SIGTERM twice",
  "another start",
  "a late start",
  // Its worker.
  "the worker blocks",
  "the worker dies",
  "the worker ends",
  "the launcher dies before its worker",
  "the worker is not ready",
  // People.
  "the shift's record is set back",
  "a campaign is set back",
] as const;

export type FaultName = (typeof faultNames)[number];
