import type { Campaign } from "../../../runtime/lease/record.ts";
import type { Request } from "../../../runtime/store/memory.ts";
import type { Write } from "../../../runtime/store/store.ts";
import type { World } from "../lease/containers.ts";

/** An outside effect, as it happened: a call. */
export interface Effect {
  readonly campaign: string;
  readonly cursor: number;
  readonly epoch: number;
  readonly claimId: string;
  readonly attemptId: string;
}

/** Whether a claim may act, as its container sees it at this moment. */
export type MayAct = (containerId: string, claimId: string) => boolean;

/**
 * Everything that happened to the campaigns of a world, and what of it must not happen. The invariants are those of
 * the protocol: one owner an epoch (I1), epochs that only grow (I2), no write of an owner that has lost (I3), each step
 * once (I4), no takeover from one that may still act (I5), no effect of one that may not (I6), nothing given back while
 * something acts for it (I7). That all is resolved in the end (I8) the simulation looks at itself.
 */
export class History {
  readonly violations: string[] = [];
  readonly effects: Effect[] = [];
  /** What happened, for whoever looks into a failure. */
  readonly told: string[] = [];
  takeovers = 0;
  readonly #world: World;
  readonly #mayAct: MayAct;
  /** By campaign and epoch. */
  readonly #claims = new Map<string, string>();

  constructor(world: World, mayAct: MayAct) {
    this.#world = world;
    this.#mayAct = mayAct;
    world.witness = (by, request, perform) => this.#witness(by, request, perform);
  }

  tell(what: string): void {
    this.told.push(`${Math.round(this.#world.clock.monotonic() - 1_000_000)} ${what}`);
  }

  /** The worker acts, now. */
  act(effect: Effect): void {
    const { campaign: id, cursor, epoch, claimId } = effect;
    const { status, lease } = this.#world.record(id);
    this.tell(`effect ${effect.attemptId}`);
    this.#check(
      status === "running" && lease.epoch === epoch && lease.claimId === claimId,
      `I6 effect of ${id}/${cursor} under epoch ${epoch}, which is ${status} under epoch ${lease.epoch}`,
    );
    const again = this.effects.some((other) => other.campaign === id && other.cursor === cursor);
    this.#check(!again, `two effects of ${id}/${cursor}`);
    this.effects.push(effect);
  }

  happened(attemptId: string): boolean {
    return this.effects.some((effect) => effect.attemptId === attemptId);
  }

  #witness(by: string, request: Request, perform: () => unknown): unknown {
    if (request.kind !== "campaigns" || (request.call !== "update" && request.call !== "update all")) return perform();
    const writes = request.call === "update" ? [request.write] : request.writes;
    const before = new Map(writes.map(({ id }) => [id, this.#world.record(id)]));
    const result = perform();
    for (const write of writes) {
      const was = before.get(write.id);
      const is = this.#world.record(write.id);
      if (was !== undefined && JSON.stringify(was) !== JSON.stringify(is)) this.#changed(by, write, was, is);
    }
    return result;
  }

  #changed(by: string, write: Write, was: Campaign, is: Campaign): void {
    const { id } = is;
    const claimed = is.lease.claimId !== was.lease.claimId;
    const settled = is.lease.epoch !== was.lease.epoch && !claimed;
    const what = claimed
      ? "claim"
      : settled
        ? "settle"
        : [...Object.keys(write.set ?? {}), ...(write.unset ?? [])].join(",");
    if (what !== "lease.state")
      this.tell(`${by.slice(0, 20)} ${id} ${was.status}>${is.status} e${is.lease.epoch} ${what}`);
    this.#check(is.lease.epoch >= was.lease.epoch, `I2 the epoch of ${id} went back`);
    if (claimed || settled)
      this.#check(is.lease.epoch === was.lease.epoch + 1, `I2 ${id} changed hands without an epoch`);
    else this.#check(was.status === "running" && was.lease.owner === by, `I3 ${what} of ${id} by one that has it not`);
    this.#check(
      is.resume.cursor === was.resume.cursor || is.resume.cursor === was.resume.cursor + 1,
      `I4 ${id} from ${was.resume.cursor} to ${is.resume.cursor}`,
    );
    if (claimed) this.#owned(id, is);
    if ((claimed || settled) && was.status === "running") {
      this.takeovers++;
      const { owner, claimId } = was.lease;
      this.#check(!this.#mayAct(owner, claimId), `I5 ${id} was taken from ${owner}, which may still act`);
    }
    const left = was.status === "running" && is.status !== "running" && !settled;
    if (left)
      this.#check(!this.#mayAct(by, was.lease.claimId), `I7 ${id} was given back by ${by}, which may still act`);
  }

  #owned(id: string, { lease }: Campaign): void {
    const key = `${id} ${lease.epoch}`;
    const other = this.#claims.get(key);
    this.#check(other === undefined || other === lease.claimId, `I1 two owners of ${key}`);
    this.#claims.set(key, lease.claimId);
  }

  #check(holds: boolean, violation: string): void {
    if (holds) return;
    this.tell(`VIOLATION ${violation}`);
    this.violations.push(violation);
  }
}
