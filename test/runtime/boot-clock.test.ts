import { expect, test } from "vitest";
import { bootClock } from "../../runtime/boot-clock.ts";
import { seeded } from "../support/seeded.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

/** Less than a second: what is older is looked at anew anyway. */
const STOP = 500;

/** A machine, and its boot clock as a process sees it. */
function machine() {
  const time = new VirtualClock();
  let reads = 0;
  let stopped = 0;
  let stopAfter: string | undefined;
  const look = (clock: "monotonic" | "boot" | "wall") => {
    const shown = time[clock]() + stopped;
    if (clock === stopAfter) {
      stopAfter = undefined;
      stopped += STOP;
    }
    if (clock === "boot") reads++;
    return shown;
  };
  const boot = bootClock({ monotonic: () => look("monotonic"), wall: () => look("wall") }, () => look("boot"));
  return {
    time,
    boot,
    error: () => boot() - time.boot() - stopped,
    reads: () => reads,
    /** The process is stopped for half a second as soon as it has looked at this clock. */
    stopAfter: (clock: "monotonic" | "boot" | "wall") => {
      stopAfter = clock;
    },
  };
}

test("sleep and a wall clock that is set never make it wrong by more than a tenth of a second", async () => {
  for (let seed = 1; seed <= 200; seed++) {
    const { time, error } = machine();
    const random = seeded(seed);
    const upTo = (most: number) => most * random.fraction() ** 3;
    for (let events = 0; events < 40; events++) {
      const what = random.fraction();
      if (what < 0.5) await time.advance(upTo(5_000));
      else if (what < 0.75) time.suspend(upTo(600_000));
      else time.setWall(upTo(600_000) * (random.fraction() < 0.5 ? -1 : 1));
      expect(Math.abs(error()), `seed ${seed}`).toBeLessThan(100);
    }
  }
});

test("sleep that a wall clock set back hides is seen within a second", async () => {
  const { time, boot, error } = machine();
  boot();
  time.suspend(60_000);
  time.setWall(-60_000);
  expect(error()).toBe(-60_000);
  await time.advance(999);
  expect(error()).toBe(-60_000);
  await time.advance(1);
  expect(error()).toBe(0);
});

test.each([
  { clock: "wall", shown: 0 },
  { clock: "monotonic", shown: 0 },
  { clock: "boot", shown: -STOP },
] as const)(
  "a process that is stopped after its look at the $clock clock is right the next time, and never ahead",
  ({ clock, shown }) => {
    const { error, stopAfter } = machine();
    stopAfter(clock);
    expect(error()).toBe(shown);
    expect(error()).toBe(0);
  },
);

test("it is read once a second, however often it is asked for", async () => {
  const { time, boot, reads } = machine();
  for (let looks = 0; looks < 1_000; looks++) {
    boot();
    await time.advance(10);
  }
  expect(reads()).toBe(10);
});
