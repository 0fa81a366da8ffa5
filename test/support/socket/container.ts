import { LeaseKeeper } from "../../../runtime/lease/lease-keeper.ts";
import { timingOf } from "../../../runtime/lease/timing.ts";
import type { Clock } from "../../../runtime/ports.ts";
import { openSocket, type WorkerSocket } from "../../../runtime/socket/server.ts";
import { type Faults, faultyLink, noFaults } from "../../../runtime/store/link.ts";
import { type MemoryServer, memoryStore } from "../../../runtime/store/memory.ts";
import { seeded } from "../seeded.ts";
import { VirtualClock } from "../virtual-clock.ts";

export interface Container {
  readonly socket: WorkerSocket;
  readonly leases: LeaseKeeper;
  readonly clock: VirtualClock;
  /** What goes wrong on the way to the database. */
  readonly faults: Faults;
  /** How often the runtime would have killed its worker. */
  readonly unconfirmed: number;
  close(): Promise<void>;
}

/**
 * A container as it runs, but for its clock, which only the test moves, and its database in memory: the production code
 * of leases and socket, and a real socket.
 */
export async function container(
  server: MemoryServer,
  { seed = 1, capacity = 1 }: { readonly seed?: number; readonly capacity?: number } = {},
): Promise<Container> {
  const clock = new VirtualClock();
  const shown = likeThisMachine(clock);
  const random = seeded(seed);
  const faults: Faults = { ...noFaults };
  const log = () => {};
  let unconfirmed = 0;
  const leases = new LeaseKeeper({
    containerId: `container-${seed}`,
    store: memoryStore(server, faultyLink(faults, random, shown.after)),
    clock: shown,
    random,
    log,
    timing: timingOf(30, 120),
    capacity,
    rules: { policy: "resume", limit: 3 },
    open: () => true,
    line: () => {},
  });
  leases.onUnconfirmed(() => {
    unconfirmed += 1;
  });
  leases.start();
  leases.workerStarted();
  const probe = () => ({ live: true, ready: true, details: {} });
  const socket = await openSocket({ campaigns: leases.campaigns, clock: shown, log, probe });
  await clock.advance(0);
  return {
    socket,
    leases,
    clock,
    faults,
    get unconfirmed() {
      return unconfirmed;
    },
    close: async () => {
      await socket.close();
      await clock.until(leases.finish(undefined));
    },
  };
}

/** The test's clock, begun at this machine's monotonic time: `notAfter` is in the time of real workers. */
function likeThisMachine(clock: VirtualClock): Clock {
  const ahead = Number(process.hrtime.bigint()) / 1e6 - clock.monotonic();
  return {
    monotonic: () => clock.monotonic() + ahead,
    boot: () => clock.boot(),
    wall: () => clock.wall(),
    after: (delay, call) => clock.after(delay, call),
  };
}
