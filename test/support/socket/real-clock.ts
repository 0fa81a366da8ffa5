import type { Clock } from "../../../runtime/ports.ts";

/** This machine's clocks. `ahead` puts the monotonic ones ahead: time that only the runtime has seen go by. */
export function realClock(): Clock & { ahead: number } {
  const monotonic = () => Number(process.hrtime.bigint()) / 1e6;
  const clock = {
    ahead: 0,
    monotonic: () => monotonic() + clock.ahead,
    boot: () => monotonic() + clock.ahead,
    wall: () => Date.now() + clock.ahead,
    after: (delay: number, call: () => void) => {
      const timer = setTimeout(call, delay);
      return () => clearTimeout(timer);
    },
  };
  return clock;
}
