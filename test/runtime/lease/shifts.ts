import type { ShiftRecord } from "../../../runtime/leases.ts";
import type { Container, ContainerOptions, World } from "./containers.ts";

export const CLOSES = Date.UTC(2027, 5, 7, 16);
export const shift: ShiftRecord = { id: "clinic/europe-west1/worker/2027-06-07/0", closes: CLOSES };
export const run = { enter: "run", leased: true } as const;
export const unleased = { enter: "run", leased: false } as const;
export const duplicate = { enter: "leave", why: "duplicate" } as const;

export function enter(container: Container, record = shift, signal = new AbortController().signal) {
  container.keeper.start();
  return container.keeper.enterShift(record, signal);
}

export async function started(world: World, options: ContainerOptions = {}) {
  const container = world.container(options);
  const began = world.clock.monotonic();
  const entry = await world.until(enter(container));
  return { container, entry, after: (world.clock.monotonic() - began) / 1000 };
}

export function lease(world: World) {
  const stored = world.stored(shift.id, "shifts") as unknown as {
    status: string;
    lease: { owner: string; epoch: number; hbSeq: number; state: string };
  };
  return { status: stored.status, ...stored.lease };
}
