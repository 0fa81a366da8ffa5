import type { Instant } from "../../domain/zone.ts";
import type { Cancel, Clock, Millis } from "../ports.ts";

/** How often the wall clock is looked at: timers keep the monotonic one, which stands still while a machine is moved. */
const LOOK: Millis = 20_000;

/** Calls once the wall clock shows `at`, or later: it may be set, and the machine suspended, in between. */
export function alarm(clock: Clock, at: Instant, call: () => void): Cancel {
  const left = at - clock.wall();
  if (left <= 0) return clock.after(0, call);
  let cancel = clock.after(Math.min(left, LOOK), () => {
    cancel = alarm(clock, at, call);
  });
  return () => cancel();
}
