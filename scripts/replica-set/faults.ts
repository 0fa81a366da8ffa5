/** What is done to the set and to the containers, one entry a fault. */
import { setTimeout as pause } from "node:timers/promises";
import type { Seat } from "./seat.ts";
import type { World } from "./world.ts";

/** A fault of the set, from its beginning to its end. @returns whether it has bitten */
type SetFault = (world: World) => Promise<boolean>;

/** As long as a primary that is stopped or cut off stays so, at least. */
const AWAY_MS = 5_000;
const JUMP = 300;

export const setFaults = {
  "kill -9 of the primary, which comes back on its files": async ({ set }) => {
    const primary = await set.primaryOtherThan();
    await primary.end("SIGKILL");
    const next = await set.primaryOtherThan(primary);
    primary.start();
    return next !== primary;
  },
  "SIGSTOP of the primary": async ({ set }) => {
    const primary = await set.primaryOtherThan();
    primary.signal("SIGSTOP");
    const [next] = await Promise.all([set.primaryOtherThan(primary), pause(AWAY_MS)]).finally(() =>
      primary.signal("SIGCONT"),
    );
    return next !== primary;
  },
  "the primary is cut off from all": async ({ set, network, hostOf }) => {
    const primary = await set.primaryOtherThan();
    network.unplug(hostOf(primary));
    await pause(AWAY_MS);
    network.plug(hostOf(primary));
    return (await set.primaryOtherThan()) !== primary;
  },
  "the primary's clock jumps, runs too fast, and is killed": async ({ set, clockOf }) => {
    const primary = await set.primaryOtherThan();
    const clock = clockOf(primary);
    clock.jump(Math.random() < 0.5 ? JUMP : -JUMP);
    await pause(2_500);
    const { localTime } = (await primary.ask({ hello: 1 })) ?? {};
    const off = Math.abs(Number(localTime) - Date.now()) / 1000;
    clock.run(1.2);
    await pause(2_000);
    clock.right();
    // Until a time of the wrong clock it waits for minutes: it was seen to stay in a rollback for longer than two (6.0.5).
    await primary.end("SIGKILL");
    primary.start();
    return off > JUMP / 2;
  },
  "restart of the primary, which steps down": async ({ set }) => {
    const primary = await set.primaryOtherThan();
    await primary.end("SIGTERM");
    const next = await set.primaryOtherThan(primary);
    primary.start();
    return next !== primary;
  },
} as const satisfies Readonly<Record<string, SetFault>>;

/** A fault of a container that ends by itself, beside one of the set's. @returns whether it has bitten */
type ShortFault = (seat: Seat) => Promise<boolean>;

export const shortFaults = {
  "a container's clock jumps, and then runs too fast": async ({ clock, container }) => {
    const before = container.lines.length;
    clock.jump(Math.random() < 0.75 ? JUMP : -JUMP);
    await pause(3_000);
    clock.run(1.02);
    await pause(2_000);
    clock.right();
    return container.lines
      .slice(before)
      .some(({ time }) => Math.abs(Date.parse(String(time)) - Date.now()) > (JUMP / 2) * 1000);
  },
  "SIGTERM of a container, and a new one": async (seat) => (await seat.replace()) === 143,
} as const satisfies Readonly<Record<string, ShortFault>>;

/** A fault of a container that lasts until others have its campaign. @returns what ends it */
type LongFault = (world: World, seat: Seat, round: number) => Promise<() => void>;

export const longFaults = {
  "SIGSTOP of a container, or of its runtime alone": async (_, { container }, round) => {
    // The worker of a runtime that is stopped lives on, and has only `notAfter` to go by.
    const signal = (name: NodeJS.Signals) => (round % 3 === 1 ? container.signal(name) : container.signalAll(name));
    signal("SIGSTOP");
    return () => signal("SIGCONT");
  },
  "a container is cut off from the primary": async ({ set, network, hostOf }, { host }) => {
    const primary = hostOf(await set.primaryOtherThan());
    network.cut(host, primary);
    return () => network.mend(host, primary);
  },
} as const satisfies Readonly<Record<string, LongFault>>;
