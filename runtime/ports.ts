import type { EventName } from "../domain/events.ts";

/** Milliseconds, whole or not. Settings are in whole seconds; what is measured is not. */
export type Millis = number;

export type Cancel = () => void;

/**
 * The clocks of one machine. Three, since none tells the truth alone: a frozen VM may stop the monotonic one, and the
 * wall clock may be set.
 */
export interface Clock {
  /** CLOCK_MONOTONIC: never set, and may stand still while the machine is suspended. */
  monotonic(): Millis;
  /** CLOCK_BOOTTIME: goes on while the machine is suspended. */
  boot(): Millis;
  /** The wall clock, since 1970, which may be set at any time. */
  wall(): Millis;
  /** Calls once, after `delay` of the monotonic clock, and later where the process could not run. */
  after(delay: Millis, call: () => void): Cancel;
}

/** All of chance. */
export interface Random {
  bytes(count: number): Uint8Array;
  /** In `[0, 1)`. */
  fraction(): number;
}

/** Cloud Logging's names. https://docs.cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#LogSeverity */
export type Severity = "DEBUG" | "INFO" | "NOTICE" | "WARNING" | "ERROR" | "CRITICAL";

export type Fields = Readonly<Record<string, string | number | boolean | null | readonly string[] | undefined>>;

/** Writes one line. Never a phone number, a name, a transcript or a secret. */
export type Log = (severity: Severity, event: EventName, message: string, fields?: Fields) => void;
