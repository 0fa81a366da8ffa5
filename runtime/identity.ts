import type { Random } from "./ports.ts";
import type { Place } from "./settings.ts";

/** Of a run outside Cloud Run: there is no execution, and so no attempt before it. */
const nowhere: Place = { execution: "local", task: 0, attempt: 0 };

/** No two runs share one: a retry has another attempt, and the random part tells what the rest cannot. */
const RANDOM_BYTES = 16;

/** `execution/task/attempt/random`: whose a record is. Never used again by anybody. */
export function newContainerId(place: Place | undefined, random: Random): string {
  const { execution, task, attempt } = place ?? nowhere;
  return `${execution}/${task}/${attempt}/${Buffer.from(random.bytes(RANDOM_BYTES)).toString("hex")}`;
}

/** CLOUD_RUN_EXECUTION, or `local`. */
export function executionOf(containerId: string): string {
  const [execution = nowhere.execution] = containerId.split("/", 1);
  return execution;
}

/**
 * Where a container stood, by its id.
 *
 * @returns undefined for one outside Cloud Run, and for an id that no runtime made
 */
export function placeOf(containerId: string): Place | undefined {
  const [, execution = "", task, attempt] = /^([^/]+)\/(\d+)\/(\d+)\/[0-9a-f]{32}$/.exec(containerId) ?? [];
  if (execution === "" || execution === nowhere.execution) return undefined;
  return { execution, task: Number(task), attempt: Number(attempt) };
}

/**
 * Cloud Run starts the next attempt of a task only when the one before has ended.
 * https://docs.cloud.google.com/run/docs/configuring/max-retries (November 2026)
 */
export function isEarlierAttempt(owner: string, me: string): boolean {
  const mine = placeOf(me);
  const theirs = placeOf(owner);
  if (mine === undefined || theirs === undefined) return false;
  return theirs.execution === mine.execution && theirs.task === mine.task && theirs.attempt < mine.attempt;
}
