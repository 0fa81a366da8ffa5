/** Containers that are hurt for so long that others take over what they had. */
import { setTimeout as pause } from "node:timers/promises";
import { CALLS, type Seat } from "./seat.ts";
import type { Absence } from "./takeovers.ts";
import { monotonic } from "./ticks.ts";
import type { World } from "./world.ts";

const LOOK_EVERY_MS = 200;
/** A container that has had no campaign for so long will have none: something else is wrong. */
const AT_WORK_WITHIN_MS = 60_000;

/** A container that was hurt in the middle of its work. */
export class Victim implements Absence {
  readonly fault: string;
  readonly campaign: string;
  readonly owner: string;
  readonly from: number;
  readonly #end: () => void;
  #to = Number.POSITIVE_INFINITY;

  /** @param from before it was hurt */
  constructor(of: Pick<Victim, "fault" | "campaign" | "owner" | "from">, end: () => void) {
    this.fault = of.fault;
    this.campaign = of.campaign;
    this.owner = of.owner;
    this.from = of.from;
    this.#end = end;
  }

  get to(): number {
    return this.#to;
  }

  get ended(): boolean {
    return this.#to !== Number.POSITIVE_INFINITY;
  }

  end(): void {
    if (this.ended) return;
    this.#end();
    this.#to = monotonic();
  }
}

/**
 * Hurts a container in the middle of its work: one that has a campaign.
 *
 * @throws Error when it has none for a minute
 */
export async function victimOf(
  world: World,
  seat: Seat,
  fault: string,
  hurt: (seat: Seat) => Promise<() => void>,
): Promise<Victim> {
  for (const from = performance.now(); performance.now() - from < AT_WORK_WITHIN_MS; await pause(LOOK_EVERY_MS)) {
    const { container } = seat;
    const owner = container.lines.find(({ event }) => event === "runtime_started")?.containerId;
    const record = await world.campaigns
      .findOne({ status: "running", "lease.owner": owner, "lease.state": "held", "resume.cursor": { $lt: CALLS / 2 } })
      .catch(() => null);
    if (typeof owner !== "string" || record === null) continue;
    // So that what its worker was promised is what ends a call, and not the call itself.
    await seat.holdCalls();
    const of = { fault, campaign: record._id, owner, from: monotonic() };
    try {
      const end = await hurt(seat);
      return new Victim(of, () => {
        end();
        seat.endCalls();
      });
    } catch (error) {
      seat.endCalls();
      throw error;
    }
  }
  throw new Error(`${seat.host.name} had nothing to do for ${AT_WORK_WITHIN_MS} ms: it cannot be hurt at work`);
}

/** At the worst moment: another one is at work on what whoever wakes thinks to be its own. @returns whether all are awake */
export async function wakeTakenOver(world: World, victims: readonly Victim[]): Promise<boolean> {
  const asleep = victims.filter(({ ended }) => !ended);
  const records = await world.campaigns.find({ _id: { $in: asleep.map(({ campaign }) => campaign) } }).toArray();
  for (const victim of asleep) {
    const record = records.find(({ _id }) => _id === victim.campaign);
    if (record !== undefined && record.lease?.owner !== victim.owner) victim.end();
  }
  return victims.every(({ ended }) => ended);
}
