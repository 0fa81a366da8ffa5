import { event } from "../domain/events.ts";
import { messageOf } from "./message.ts";
import type { Log } from "./ports.ts";

/**
 * Says that the runtime itself is wrong. What a database does or does not do has words of its own: under those nobody
 * would look for it.
 *
 * @param what what was done, for people: `heartbeats`
 */
export function tellMistake(log: Log, what: string, error: unknown): void {
  log("CRITICAL", event.callFailed, `A mistake of the runtime (${what}): ${messageOf(error)}`, { what });
}
