import type { Instant } from "../../../domain/zone.ts";
import type { Millis } from "../../../runtime/ports.ts";
import type { Request } from "../../../runtime/store/memory.ts";
import type { Stored } from "../../../runtime/store/store.ts";
import type { SimulatedContainer } from "./container.ts";
import { LATEST } from "./network.ts";
import { endedBefore } from "./party.ts";
import type { Story } from "./story.ts";

/** With heartbeats every 30 s and a threshold of 120 s. */
const OBSERVE: Millis = 126_000;
/** By a clock that is 2 % too fast. */
const LEAST_OBSERVED: Millis = OBSERVE / 1.02;
const INTERVAL: Millis = 30_000;
/** What comes on top: reads that fail, and a clock that is 2 percent slow; and the time between two of these looks. */
const ROOM: Millis = 15_000 + 5_000;
/** Half an interval as one sees it who looks every two seconds. */
const APART: Millis = INTERVAL / 2 - 3_000;
/** How long after a holder was there one may still leave for its sake. */
const WAS_THERE: Millis = LATEST.shifts + 2 * INTERVAL;

export interface ShiftHistoryParts {
  readonly job: string;
  readonly story: Story;
  readonly now: () => Millis;
  readonly record: () => Stored | undefined;
  /** Those of this job that are not gone. */
  readonly here: () => readonly SimulatedContainer[];
  /** How many starts are to come. */
  readonly coming: () => number;
  /** Whether somebody has to be there now. */
  readonly inHours: () => boolean;
  /** By the wall clock. */
  readonly opensAt: Instant;
  /** Whether a container has said that it has stopped. */
  readonly saidStopped: (id: string) => boolean;
}

/**
 * What happens in a shift, and what must not.
 *
 * A container is able to work while its machine runs and nobody told it to stop; it works from the moment it was told to
 * run until it is told to drain, while it is able. Then:
 *
 * S1 No start waits longer than the observation, an interval and 15 s while nobody works, counted from the latest of:
 *    it became able; somebody stopped working; the record was last written. A dead holder's heartbeat that lands late
 *    is a sign of life to all who can see. Written or not, it waits no longer than two observations. A database that
 *    is away, slow or lossy is no excuse.
 * S2 Whoever leaves since another has the shift leaves somebody behind: one that works or is about to find out, a
 *    retry that is to come, or one who was there a moment ago: whom people stopped, or of whom two heartbeats landed
 *    since the leaver began. That it died since, nobody can know; but one heartbeat alone may be a dead one's. A holder
 *    whose record another took leaves by that claim alone (ShiftClaim.beat): here the one who took it may be dead.
 * S3 No clock stops a holder: whoever loses the shift loses it to another whose name stands in the record, under the next
 *    epoch, and one that may live only after the whole observation; and nobody but the holder gives it back.
 * S4 Nobody leaves for one who, as the leaver read it last, drains or is being moved.
 * S5 In peace one works, and has the record. The simulation looks at that itself.
 * S6 A worker that hangs, and whose health is asked for, is killed.
 */
export class ShiftHistory {
  readonly #parts: ShiftHistoryParts;
  readonly #began: Millis;
  readonly #ableSince = new Map<SimulatedContainer, Millis>();
  /** The state of the lease as each container read it last. */
  readonly #read = new Map<string, string>();
  readonly #late = new Set<SimulatedContainer>();
  /** Those whose the record ever was. */
  readonly #held = new Set<string>();
  /** How many writes of others landed while each was there, far enough apart to be two heartbeats. */
  readonly #heard = new Map<SimulatedContainer, { readonly count: number; readonly at: Millis }>();
  #worked: Millis;
  #written: Millis;
  #stoppedByPeople: Millis = Number.NEGATIVE_INFINITY;

  constructor(parts: ShiftHistoryParts) {
    this.#parts = parts;
    this.#began = parts.now();
    this.#worked = this.#began;
    this.#written = this.#began;
  }

  leaves(container: SimulatedContainer, why: "duplicate" | "lost"): void {
    const { here, coming, now } = this.#parts;
    const { name, id } = container;
    const { owner, status } = this.record;
    this.#check(owner !== id, `S3 ${name} leaves (${why}), and the record is its own`);
    const read = this.#read.get(id);
    this.#check(read === "held" || status === "completed", `S4 ${name} leaves (${why}) for one that is ${read}`);
    const remains = here().some((other) => other !== container && !other.told && other.state?.leaving === undefined);
    const wasThere = now() - this.#stoppedByPeople <= WAS_THERE;
    const wasTaken = why === "lost" && this.#held.has(id);
    const wasSeen = wasTaken || (this.#heard.get(container)?.count ?? 0) >= 2;
    this.#check(
      remains || coming() > 0 || wasThere || wasSeen || status === "completed",
      `S2 ${name} leaves (${why}), and nobody is left`,
    );
  }

  /** People ended one since another works. */
  stoppedByPeople(): void {
    this.#stoppedByPeople = this.#parts.now();
  }

  /** Called every few seconds. */
  look(): void {
    const { now: clock, here, inHours } = this.#parts;
    const now = clock();
    const containers = here();
    if (!inHours() || containers.some(({ works }) => works)) this.#worked = now;
    for (const container of containers) {
      this.#check(!container.hangs, `S6 the worker of ${container.name} hangs, and is not killed`);
      if (!container.able || this.#isEarly(container)) this.#ableSince.delete(container);
      else if (!this.#ableSince.has(container)) this.#ableSince.set(container, now);
      const able = this.#ableSince.get(container);
      if (able === undefined) continue;
      const waited = now - Math.max(able, this.#worked);
      const unwritten = Math.min(waited, now - this.#written);
      const tooLong = unwritten > OBSERVE + INTERVAL + ROOM || waited > 2 * OBSERVE * 1.02 + 6_000;
      if (!tooLong || this.#late.has(container)) continue;
      this.#late.add(container);
      this.#check(false, `S1 ${container.name} waits for ${waited / 1000} s, and nobody works`);
    }
  }

  /** One that waits for the opening, by its own clock. */
  #isEarly({ state, machine }: SimulatedContainer): boolean {
    return state?.doing === "waiting" && machine.wall() < this.#parts.opensAt;
  }

  get record(): ShiftRecord {
    const stored = this.#parts.record();
    return { status: String(stored?.status), ...leaseIn(stored) };
  }

  /** People set it back. */
  written(): void {
    this.#written = this.#parts.now();
  }

  /** Also of a primary that is alone. What was answered and not heard yet, nobody can go by. */
  heard(by: SimulatedContainer, record: Stored | undefined): void {
    this.#read.set(by.id, leaseIn(record).state);
  }

  witness(by: SimulatedContainer, { call }: Request, perform: () => unknown): unknown {
    const before = this.record;
    const result = perform();
    if ((call !== "update" && call !== "insert") || result !== true) return result;
    const after = this.record;
    for (const container of this.#parts.here()) if (container !== by) this.#hear(container);
    if (after.owner === by.id) this.#held.add(by.id);
    const endsAnothers = before.status === "running" && after.status !== "running" && before.owner !== by.id;
    this.#check(!endsAnothers, `S3 ${by.name} gives back what is another's`);
    if (after.epoch !== before.epoch || after.status !== before.status || after.state !== before.state)
      this.#parts.story.tell(by.name, `  the shift is ${after.status}, epoch ${after.epoch}, ${after.state}`);
    if (after.claimId !== before.claimId || after.epoch !== before.epoch) this.#claimed(by, before, after);
    this.#check(
      before.status !== "running" || after.status === "running" || !by.hasLivingWorker,
      `I7 ${by.name} gives the shift back, and its worker lives`,
    );
    this.written();
    return result;
  }

  /** It changes hands under an epoch of its own, and from one that may live only after watching. */
  #claimed(by: SimulatedContainer, before: ShiftRecord, { epoch }: ShiftRecord): void {
    this.#check(epoch === before.epoch + 1, `S3 ${by.name} claims epoch ${epoch} after ${before.epoch}`);
    const unmoved = this.#parts.now() - this.#written;
    const gone = endedBefore(before.owner, by.id) || this.#parts.saidStopped(before.owner);
    this.#check(
      before.status !== "running" || gone || unmoved >= LEAST_OBSERVED,
      `S3 ${by.name} takes over from ${before.owner}, which moved ${unmoved / 1000} s ago`,
    );
  }

  #hear(container: SimulatedContainer): void {
    const { count, at } = this.#heard.get(container) ?? { count: 0, at: Number.NEGATIVE_INFINITY };
    const now = this.#parts.now();
    if (now - at >= APART) this.#heard.set(container, { count: count + 1, at: now });
  }

  #check(holds: boolean, violation: string): void {
    this.#parts.story.check(holds, () => `${violation} (shift of ${this.#parts.job})`);
  }
}

interface ShiftRecord extends ShiftLease {
  readonly status: string;
}

interface ShiftLease {
  readonly owner: string;
  readonly claimId: string;
  readonly epoch: number;
  readonly state: string;
}

function leaseIn(stored: unknown): ShiftLease {
  const { lease } = (stored ?? {}) as { lease?: Partial<ShiftLease> | null };
  const { owner = "", claimId = "", epoch = 0, state = "" } = lease ?? {};
  return { owner, claimId, epoch, state };
}
