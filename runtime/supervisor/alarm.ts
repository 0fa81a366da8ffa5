import type { Instant } from "../../domain/zone.ts";
import type { Cancel, Clock, Millis } from "../ports.ts";

/** How often the wall clock is looked at: timers keep the monotonic one, which stands still while a machine is moved. */
const LOOK: Millis = 20_000;

/** Calls once the wall clock shows `at`, or later: it may be set, and the machine suspended, in between. */
export function alarm(clock: Clock, at: Instant, call: () => void): Cancel {
  const left = () => at - clock.wall();
  const next = () => clock.after(Math.min(Math.max(0, left()), LOOK), look);
  const look = () => {
    if (left() <= 0) call();
    else cancel = next();
  };
  let cancel = next();
  return () => cancel();
}
