import type { Cancel, Clock, Millis } from "./ports.ts";

/** Waits, unless told to stop. */
export function pause(clock: Clock, time: Millis, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(time, done);
    signal?.addEventListener("abort", done);
  });
}

/** A timer that is this late was not kept by a process that ran. Ours: more than any pause of a process that does. */
const LATE: Millis = 1_000;
/** Ours: what waits in the socket, also on connections that are still to be accepted, is heard in a part of it. */
const TO_BE_HEARD: Millis = 1_000;

/**
 * Calls after the time that somebody else had for something. A process that did not run finds its timers first when it
 * goes on, and only then what it was told meanwhile: then it listens for a moment before it calls.
 */
export function patiently(clock: Pick<Clock, "after" | "monotonic">, time: Millis, call: () => void): Cancel {
  const due = clock.monotonic() + time;
  let cancel = clock.after(time, () => {
    if (clock.monotonic() - due < LATE) call();
    else cancel = clock.after(TO_BE_HEARD, call);
  });
  return () => cancel();
}

/** How often it is looked whether something is so that nobody tells. */
const LOOK_EVERY: Millis = 50;

/** Waits until it is so, for `time` at most. */
export async function until(clock: Clock, time: Millis, isSo: () => boolean): Promise<void> {
  for (const end = clock.monotonic() + time; !isSo(); await pause(clock, LOOK_EVERY))
    if (clock.monotonic() >= end) return;
}

/** What a promise comes to, or `undefined` when that takes longer. Then nobody waits for it any more. */
export function within<T>(clock: Pick<Clock, "after">, time: Millis, promise: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(time, () => resolve(undefined));
    promise.then(resolve, reject).finally(cancel);
  });
}

/** When both have ended, however they ended. Of neither is anything kept: this may go on for a whole shift. */
export async function after(before: Promise<void>, next: Promise<unknown>): Promise<void> {
  await Promise.allSettled([before, next]);
}
