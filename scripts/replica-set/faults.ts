/** What is done to the set and to the containers, one entry a fault. */
import { setTimeout as pause } from "node:timers/promises";
import type { Node } from "../mongod/replica-set.ts";
import { TERMINATED } from "./containers.ts";
import type { Seat } from "./seat.ts";
import { monotonic } from "./ticks.ts";
import type { World } from "./world.ts";

/** A fault of the set, from its beginning to its end. @returns whether it has bitten */
type SetFault = (world: World) => Promise<boolean>;

/** As long as a primary that is stopped or cut off stays so, at least. */
const AWAY_MS = 5_000;
const JUMP = 300;
/** Of a clock that runs too fast. */
const RATE = 1.2;
/** As long as a process may take to see that its clock was set. */
const SEEN_MS = 2_500;

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
    await pause(SEEN_MS);
    const jumped = Math.abs(await aheadBy(primary)) > JUMP / 2;
    clock.run(RATE);
    await pause(SEEN_MS);
    const [at, ahead] = [monotonic(), await aheadBy(primary)];
    await pause(SEEN_MS);
    const gained = (await aheadBy(primary)) - ahead;
    const ran = gained > ((monotonic() - at) * (RATE - 1)) / 2;
    clock.right();
    // Until a time of the wrong clock it waits for minutes: it was seen to stay in a rollback for longer than two (6.0.5).
    await primary.end("SIGKILL");
    const next = await set.primaryOtherThan(primary);
    primary.start();
    return jumped && ran && next !== primary;
  },
  "restart of the primary, which steps down": async ({ set }) => {
    const primary = await set.primaryOtherThan();
    await primary.end("SIGTERM");
    const next = await set.primaryOtherThan(primary);
    primary.start();
    return next !== primary;
  },
} as const satisfies Readonly<Record<string, SetFault>>;

/** By how many seconds a server's clock is ahead of ours; not a number when it does not answer. */
async function aheadBy(node: Node): Promise<number> {
  const { localTime } = (await node.ask({ hello: 1 })) ?? {};
  return (Number(localTime) - Date.now()) / 1000;
}

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
  "SIGTERM of a container, and a new one": async (seat) => (await seat.replace()) === TERMINATED,
} as const satisfies Readonly<Record<string, ShortFault>>;

/** A fault of a container that lasts until others have its campaign. */
interface LongFault {
  /** @returns what ends it */
  readonly begin: (world: World, seat: Seat) => Promise<() => void>;
  /** To how many containers it is done in a pass of so many rounds, since most must stay well. */
  readonly containers: (rounds: number) => number;
}

export const longFaults = {
  "SIGSTOP of a container": {
    begin: async (_, { container }) => {
      container.signalAll("SIGSTOP");
      return () => container.signalAll("SIGCONT");
    },
    containers: (rounds) => Math.max(rounds - 1, Math.min(rounds, 1)),
  },
  // The worker lives on, and has only `notAfter` to go by.
  "SIGSTOP of a container's runtime alone": {
    begin: async (_, { container }) => {
      container.signal("SIGSTOP");
      return () => container.signal("SIGCONT");
    },
    containers: (rounds) => Math.min(rounds, 1),
  },
  "a container is cut off from the primary": {
    begin: async ({ set, network, hostOf }, { host }) => {
      const primary = hostOf(await set.primaryOtherThan());
      network.cut(host, primary);
      return () => network.mend(host, primary);
    },
    containers: (rounds) => rounds,
  },
} as const satisfies Readonly<Record<string, LongFault>>;

/** All of them: each must have bitten, or nothing was proven with it. */
export const faults: readonly string[] = [setFaults, shortFaults, longFaults].flatMap(Object.keys);
