import type { Millis } from "../../../runtime/ports.ts";
import type { Request } from "../../../runtime/store/memory.ts";
import type { World } from "../lease/containers.ts";
import type { ModelStart, StartListener } from "./model-start.ts";

/** With heartbeats every 30 s and a threshold of 120 s. */
export const OBSERVE: Millis = 126_000;
const INTERVAL: Millis = 30_000;
/** What comes on top: reads that fail, and a clock that is 2 percent slow. */
const ROOM: Millis = 15_000;
/** The longest that a write may be under way after its sender died. */
export const LATEST: Millis = 100_000;

/**
 * What happens in a shift, and what must not.
 *
 * A start is able to work while its machine runs and nobody told it to stop; it works from the moment it was told to
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
 * S3 No clock stops a holder: whoever loses the shift loses it to another whose name stands in the record;
 *    and nobody but the holder gives it back.
 * S4 Nobody leaves for one who, as the leaver read it last, drains or is being moved.
 * S5 In peace one works, and has the record. The simulation looks at that itself.
 */
export class ShiftHistory implements StartListener {
  readonly violations: string[] = [];
  readonly told: string[] = [];
  readonly starts: ModelStart[] = [];
  takeovers = 0;
  duplicates = 0;
  losses = 0;
  /** The longest that a start waited while nobody worked. */
  longest: Millis = 0;
  /** Executions that Cloud Run is about to start again. */
  retries = 0;
  readonly #world: World;
  readonly #began: Millis;
  readonly #ableSince = new Map<ModelStart, Millis>();
  /** The state of the lease as each container read it last. */
  readonly #read = new Map<string, string>();
  readonly #late = new Set<string>();
  /** Those whose the record ever was. */
  readonly #held = new Set<string>();
  #worked: Millis;
  /** How many writes of others landed while each was there. */
  readonly #heard = new Map<ModelStart, number>();
  #written: Millis;
  #stoppedByPeople: Millis = Number.NEGATIVE_INFINITY;

  constructor(world: World) {
    this.#world = world;
    this.#began = world.clock.monotonic();
    this.#worked = this.#began;
    this.#written = this.#began;
    world.witness = (by, request, perform) => this.#witness(by, request, perform);
  }

  get #now(): Millis {
    return this.#world.clock.monotonic();
  }

  tell(what: string): void {
    this.told.push(`${((this.#now - this.#began) / 1000).toFixed(1)} ${what}`);
  }

  works({ name }: ModelStart): void {
    this.tell(`${name} works`);
  }

  leaves(start: ModelStart, why: string): void {
    this.tell(`${start.name} leaves: ${why}`);
    if (why === "lost") this.losses++;
    else this.duplicates++;
    const { owner } = this.record;
    this.#check(owner !== start.container.id, `S3 ${start.name} leaves (${why}), and the record is its own`);
    const read = this.#read.get(start.container.id);
    this.#check(read === "held", `S4 ${start.name} leaves (${why}) for one that is ${read}`);
    const remains = this.starts.some(
      (other) => other !== start && (other.doing === "working" || other.doing === "entering"),
    );
    const wasThere = this.#now - this.#stoppedByPeople <= LATEST + 2 * INTERVAL;
    const wasTaken = why === "lost" && this.#held.has(start.container.id);
    const wasSeen = wasTaken || (this.#heard.get(start) ?? 0) >= 2;
    this.#check(
      remains || this.retries > 0 || wasThere || wasSeen,
      `S2 ${start.name} leaves (${why}), and nobody is left`,
    );
  }

  gone({ name }: ModelStart): void {
    this.tell(`${name} is gone`);
  }

  stoppedByPeople(): void {
    this.#stoppedByPeople = this.#now;
  }

  /** Called every second. */
  look(): void {
    const now = this.#now;
    if (this.starts.some(({ works }) => works)) this.#worked = now;
    for (const start of this.starts) {
      if (!start.able) this.#ableSince.delete(start);
      else if (!this.#ableSince.has(start)) this.#ableSince.set(start, now);
      const able = this.#ableSince.get(start);
      if (able === undefined) continue;
      const waited = now - Math.max(able, this.#worked);
      this.longest = Math.max(this.longest, waited);
      const unwritten = Math.min(waited, now - this.#written);
      const tooLong = unwritten > OBSERVE + INTERVAL + ROOM || waited > 2 * OBSERVE * 1.02 + 1_000;
      if (!tooLong || this.#late.has(start.name)) continue;
      this.#late.add(start.name);
      this.#check(false, `S1 ${start.name} waits for ${waited / 1000} s, and nobody works`);
    }
  }

  get record(): { readonly status: string; readonly owner: string; readonly epoch: number; readonly state: string } {
    const [stored] = this.#world.server.all("shifts");
    const lease = (stored?.lease ?? {}) as { owner?: string; epoch?: number; state?: string };
    const { owner = "", epoch = 0, state = "" } = lease;
    return { status: String(stored?.status), owner, epoch, state };
  }

  /** People set it back. */
  written(): void {
    this.#written = this.#now;
  }

  #witness(by: string, request: Request, perform: () => unknown): unknown {
    const before = this.record;
    const result = perform();
    if (request.kind === "shifts" && request.call === "find") this.#read.set(by, before.state);
    if (request.kind !== "shifts" || (request.call !== "update" && request.call !== "insert") || result !== true) {
      return result;
    }
    const after = this.record;
    const { name = by } = this.starts.find(({ container }) => container.id === by) ?? {};
    for (const start of this.starts) {
      if (start.container.id !== by) this.#heard.set(start, (this.#heard.get(start) ?? 0) + 1);
    }
    if (after.owner === by) this.#held.add(by);
    const endsAnothers = before.status === "running" && after.status !== "running" && before.owner !== by;
    this.#check(!endsAnothers, `S3 ${name} gives back what is another's`);
    if (before.status === "running" && after.owner !== before.owner) this.takeovers++;
    if (after.epoch !== before.epoch || after.status !== before.status || after.state !== before.state)
      this.tell(`  ${name}: ${after.status} e${after.epoch} ${after.state}`);
    this.#check(after.epoch >= before.epoch, `the epoch went back from ${before.epoch} to ${after.epoch}`);
    this.written();
    return result;
  }

  #check(holds: boolean, violation: string): void {
    if (holds) return;
    this.tell(`VIOLATION ${violation}`);
    this.violations.push(violation);
  }
}
