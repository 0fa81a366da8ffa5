/** Containers that are hurt for so long that others take over what they had. */
import { setTimeout as pause } from "node:timers/promises";
import { CALLS, type Seat } from "./seat.ts";
import type { World } from "./world.ts";

const LOOK_EVERY_MS = 200;
/** A container that has had no campaign for so long will have none: something else is wrong. */
const AT_WORK_WITHIN_MS = 60_000;

/** A container that was hurt in the middle of its work. */
export class Victim {
  readonly fault: string;
  readonly campaign: string;
  readonly owner: string;
  readonly #end: () => void;
  #ended = false;

  constructor(fault: string, campaign: string, owner: string, end: () => void) {
    this.fault = fault;
    this.campaign = campaign;
    this.owner = owner;
    this.#end = end;
  }

  get ended(): boolean {
    return this.#ended;
  }

  end(): void {
    if (!this.#ended) this.#end();
    this.#ended = true;
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
    if (typeof owner === "string" && record !== null) return new Victim(fault, record._id, owner, await hurt(seat));
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
