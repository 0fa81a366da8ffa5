import type { Clock, Millis } from "./ports.ts";

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
