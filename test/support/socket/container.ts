import { openSocket, type WorkerSocket } from "../../../runtime/socket/server.ts";
import { type Container, type ContainerOptions, World } from "../../runtime/lease/containers.ts";
import { MachineClock } from "./machine-clock.ts";

/** A container with a real socket, for a real worker. */
export interface SocketContainer extends Container {
  readonly socket: WorkerSocket;
  /** How often the runtime would have killed its worker. */
  readonly unconfirmed: number;
}

/** Containers as they run, but for their clock, which only the test moves, and their database in memory. */
export class SocketWorld extends World {
  readonly #open: SocketContainer[] = [];

  constructor() {
    super(1, new MachineClock());
  }

  async socket(options: ContainerOptions = {}): Promise<SocketContainer> {
    const container = this.working(options);
    let unconfirmed = 0;
    container.keeper.onUnconfirmed(() => {
      unconfirmed += 1;
    });
    const socket = await openSocket({
      campaigns: container.keeper.campaigns,
      clock: this.clock,
      log: () => {},
      probe: () => ({ ready: true, details: {} }),
    });
    const opened = {
      ...container,
      socket,
      get unconfirmed() {
        return unconfirmed;
      },
    };
    this.#open.push(opened);
    await this.seconds(1);
    return opened;
  }

  async close(): Promise<void> {
    const closed = Promise.all(this.#open.map(({ socket }) => socket.close()));
    // What still runs then is cut off.
    await this.seconds(1);
    await closed;
  }
}
