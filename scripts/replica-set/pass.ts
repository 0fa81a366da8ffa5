/** A few rounds of every fault while containers work, then a quiet time, then the look at all that was written and done. */
import { setTimeout as pause } from "node:timers/promises";
import { check, isClaim, isTakeover, type Violation } from "./check.ts";
import { longFaults, setFaults, shortFaults } from "./faults.ts";
import { historyOf } from "./history.ts";
import { Load } from "./load.ts";
import { CALLS, ORPHAN_AFTER, type Seat } from "./seat.ts";
import { monotonic } from "./ticks.ts";
import type { World } from "./world.ts";

export interface Tally {
  readonly rounds: number;
  /** In how many the fault did what it is for: a primary was lost, a campaign was taken over, a clock was wrong. */
  readonly bitten: number;
}

export interface PassResult {
  readonly faults: ReadonlyMap<string, Tally>;
  readonly violations: readonly Violation[];
  readonly seen: {
    readonly campaigns: number;
    readonly effects: number;
    readonly writes: number;
    readonly claims: number;
    readonly takeovers: number;
  };
  readonly seconds: number;
}

export interface PassOptions {
  /** Of each fault. A long one needs a container a round, and most containers must stay well. */
  readonly rounds: number;
  /** Begins the campaigns' ids. */
  readonly name: string;
  /** Without them only containers are hurt. */
  readonly setFaults: boolean;
  readonly say: (text: string) => void;
}

/** The rounds that a pass has at most: its long faults are all at once, and more than half of the containers stay well. */
export const ROUNDS_AT_ONCE = 3;
/** Containers that a pass of three rounds needs. */
export const CONTAINERS = 14;

/** Observation begins anew with each primary. */
const TAKEN_OVER_WITHIN_MS = (ORPHAN_AFTER * 1.05 + 30) * 1000;
const COMPLETED_WITHIN_MS = 90_000;
const LOOK_EVERY_MS = 200;
/** So many of the set's faults come while containers are stopped. */
const MEANWHILE = 3;

/** A container that was hurt in the middle of its work. */
class Victim {
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

export async function pass(world: World, options: PassOptions): Promise<PassResult> {
  const { rounds, name, say } = options;
  const from = performance.now();
  const since = await world.now();
  const logged = world.logged();
  const load = new Load(world.campaigns, name, world.seats.length / 2);
  load.start();
  const tallies = new Tallies();
  const seats = shuffled(world.seats);
  const long = Object.entries(longFaults).flatMap(([fault, hurt]) =>
    Array.from({ length: rounds }, (_, round) => ({ fault, hurt, round })),
  );
  const [hurt, well] = [seats.slice(0, long.length), seats.slice(long.length)];
  const victims: Victim[] = [];
  const begin = async (chosen: typeof long) => {
    for (const { fault, hurt: begin, round } of chosen) {
      const seat = hurt[long.findIndex((one) => one.fault === fault && one.round === round)];
      if (seat !== undefined) victims.push(await victimOf(world, seat, fault, (seat) => begin(world, seat, round)));
    }
  };
  const stops = long.filter(({ fault }) => fault.startsWith("SIGSTOP"));
  const planned = options.setFaults ? shuffled(times(rounds, Object.entries(setFaults))) : [];
  const beside = options.setFaults ? shuffled(times(rounds, Object.entries(shortFaults))) : [];
  try {
    for (const [at, [fault, run]] of planned.entries()) {
      if (at === planned.length - MEANWHILE) await begin(stops);
      await world.set.whole();
      say(`${fault} (${at + 1} of ${planned.length})`);
      const [short, seat] = [beside[at], well[at % well.length]];
      const both = [
        run(world).then((bitten) => tallies.add(fault, bitten)),
        ...(short === undefined || seat === undefined
          ? []
          : [short[1](seat).then((bitten) => tallies.add(short[0], bitten))]),
      ];
      await Promise.all(both);
    }
    await world.set.whole();
    if (planned.length === 0) await begin(stops);
    await begin(long.filter((one) => !stops.includes(one)));
    say(`${victims.length} containers are stopped or cut off: others take their campaigns over`);
    await within(TAKEN_OVER_WITHIN_MS, () => wakeTakenOver(world, victims));
  } finally {
    for (const victim of victims) victim.end();
  }
  await pause(2_000);
  await load.stop();
  say("no more faults: all must be completed");
  await within(COMPLETED_WITHIN_MS, async () => (await load.unfinished()) === 0);
  const last = await world.ticks.mark();
  const history = historyOf(await world.changes(since, last), world.ticks.sent);
  const deeds = world.deeds(load.ids);
  const givenBack = world.seats.flatMap((seat) => seat.givenBack).filter(({ campaign }) => history.final.has(campaign));
  const addresses = new Map(world.seats.flatMap(({ owners, host }) => owners.map((owner) => [owner, host.address])));
  const senders = {
    accepted: world.accepted(logged),
    addressOf: (owner: string) => addresses.get(owner),
    // Node's two clocks are one, CLOCK_MONOTONIC, counted from different moments.
    kills: world.set.nodes.flatMap(({ kills }) => kills).map((at) => monotonic() - (performance.now() - at) / 1000),
  };
  const takeovers = history.writes.filter(isTakeover);
  for (const { fault, campaign, owner } of victims)
    tallies.add(
      fault,
      takeovers.some((write) => write.campaign === campaign && write.before.owner === owner),
    );
  return {
    faults: tallies.all,
    violations: check(history, deeds, givenBack, senders, CALLS),
    seen: {
      campaigns: history.final.size,
      effects: deeds.filter(({ kind }) => kind === "effect").length,
      writes: history.writes.length,
      claims: history.writes.filter(isClaim).length,
      takeovers: takeovers.length,
    },
    seconds: (performance.now() - from) / 1000,
  };
}

/** Hurts a container in the middle of its work: one that has a campaign. */
async function victimOf(
  world: World,
  seat: Seat,
  fault: string,
  hurt: (seat: Seat) => Promise<() => void>,
): Promise<Victim> {
  for (;;) {
    const { container } = seat;
    const owner = container.lines.find(({ event }) => event === "runtime_started")?.containerId;
    const record = await world.campaigns
      .findOne({ status: "running", "lease.owner": owner, "lease.state": "held", "resume.cursor": { $lt: CALLS / 2 } })
      .catch(() => null);
    if (typeof owner === "string" && record !== null) return new Victim(fault, record._id, owner, await hurt(seat));
    await pause(LOOK_EVERY_MS);
  }
}

/** At the worst moment: another one is at work on what whoever wakes thinks to be its own. @returns whether all are awake */
async function wakeTakenOver(world: World, victims: readonly Victim[]): Promise<boolean> {
  const asleep = victims.filter(({ ended }) => !ended);
  const records = await world.campaigns.find({ _id: { $in: asleep.map(({ campaign }) => campaign) } }).toArray();
  for (const victim of asleep) {
    const record = records.find(({ _id }) => _id === victim.campaign);
    if (record !== undefined && record.lease?.owner !== victim.owner) victim.end();
  }
  return victims.every(({ ended }) => ended);
}

class Tallies {
  readonly #all = new Map<string, Tally>();

  add(fault: string, bitten: boolean): void {
    const before = this.#all.get(fault) ?? { rounds: 0, bitten: 0 };
    this.#all.set(fault, { rounds: before.rounds + 1, bitten: before.bitten + (bitten ? 1 : 0) });
  }

  get all(): ReadonlyMap<string, Tally> {
    return this.#all;
  }
}

function times<T>(count: number, all: readonly T[]): readonly T[] {
  return Array.from({ length: count }, () => all).flat();
}

function shuffled<T>(all: readonly T[]): readonly T[] {
  return all
    .map((one) => ({ one, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
}

/** What is not so in time is not waited for any longer: the checks say what follows from it. */
async function within(ms: number, so: () => Promise<boolean>): Promise<void> {
  for (const from = performance.now(); performance.now() - from < ms; await pause(LOOK_EVERY_MS))
    if (await so().catch(() => false)) return;
}
