import type { Clock, Log } from "./ports.ts";

/**
 * One JSON object a line, with the names that Cloud Logging takes out of it.
 * https://docs.cloud.google.com/logging/docs/structured-logging (November 2026)
 */
export function jsonLog(write: (line: string) => void, clock: Pick<Clock, "wall">): Log {
  return (severity, event, message, fields = {}) => {
    const time = new Date(clock.wall()).toISOString();
    // Fields first: none of them may pass for a severity or an event.
    write(`${JSON.stringify({ ...fields, severity, event, message, time })}\n`);
  };
}
