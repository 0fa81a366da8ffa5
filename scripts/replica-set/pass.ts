/** A few rounds of every fault while containers work, then a quiet time, then the look at all that was written and done. */
import { setTimeout as pause } from "node:timers/promises";
import type { Timestamp } from "mongodb";
import { messageOf } from "../../runtime/message.ts";
import { check, isClaim, isTakeover } from "./check.ts";
import { brokenIn } from "./containers.ts";
import { longFaults, setFaults, shortFaults } from "./faults.ts";
import { type History, historyOf } from "./history.ts";
import { Load } from "./load.ts";
import type { Violation } from "./rules.ts";
import { CALLS, ORPHAN_AFTER } from "./seat.ts";
import { type Hurt, storyOf } from "./story.ts";
import { takenFromLiving } from "./takeovers.ts";
import { monotonic, monotonicAt } from "./ticks.ts";
import { type Victim, victimOf, wakeTakenOver } from "./victims.ts";
import type { World } from "./world.ts";

export interface Tally {
  readonly rounds: number;
  /** In how many the fault did what it is for: a primary was lost, a campaign was taken over, a clock was wrong. */
  readonly bitten: number;
}

export interface PassResult {
  readonly faults: ReadonlyMap<string, Tally>;
  readonly violations: readonly Violation[];
  /** What happened to the campaigns with violations, the first of them. */
  readonly stories: ReadonlyMap<string, readonly string[]>;
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

/** So many seconds a record is watched before it is taken: what the runtime promises. */
const OBSERVED = ORPHAN_AFTER * 1.05;
/** Observation begins anew with each primary. */
const TAKEN_OVER_WITHIN_MS = (OBSERVED + 30) * 1000;
const COMPLETED_WITHIN_MS = 90_000;
const LOOK_EVERY_MS = 200;
/** So many of the set's faults come while containers are stopped. */
const MEANWHILE = 3;
/** Campaigns with violations whose stories are told. */
const TOLD = 5;
/** What has just woken is still at work. */
const AWAKE_MS = 2_000;

/** @throws Error when the set or a container is not as it must be for the next fault, and nothing was broken */
export async function pass(world: World, options: PassOptions): Promise<PassResult> {
  const from = performance.now();
  const [since, logged] = [await world.now(), world.logged()];
  const load = new Load(world.campaigns, options.name, world.seats.length / 2);
  const tallies = new Tallies();
  load.start();
  const victims: Victim[] = [];
  const failure: unknown = await hurt(world, options, tallies, victims).catch((error: unknown) => error);
  await pause(AWAKE_MS);
  await load.stop();
  options.say("no more faults: all must be completed");
  await within(COMPLETED_WITHIN_MS, async () => (await load.unfinished()) === 0);

  const history = await historySince(world, since);
  const deeds = world.deeds(load.ids);
  const takeovers = history.writes.filter(isTakeover);
  for (const { fault, campaign, owner } of victims) {
    const taken = takeovers.some((write) => write.campaign === campaign && write.before.owner === owner);
    tallies.add(fault, taken);
  }
  const givenBack = world.seats.flatMap((seat) => seat.givenBack).filter(({ campaign }) => history.final.has(campaign));
  const { lives } = world;
  const violations = [
    ...check(history, deeds, givenBack, sendersIn(world, logged), CALLS),
    ...takenFromLiving(history.writes, lives, victims, OBSERVED),
    ...brokenIn(lives, monotonicAt(from)),
  ];
  // Where something was broken, that tells more than what could not be done for it.
  if (failure !== undefined && violations.length === 0) throw failure;
  if (failure !== undefined) options.say(messageOf(failure));
  const broken = [...new Set(violations.map(({ of }) => of))].filter((of) => history.final.has(of)).slice(0, TOLD);
  const told = { writes: history.writes, deeds, said: world.said, hurts: tallies.hurts };
  return {
    faults: tallies.all,
    violations,
    stories: new Map(broken.map((campaign) => [campaign, storyOf(campaign, told)])),
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

/** All faults, in an order of chance. @param victims gets the containers from which others take a campaign; they are awake again */
async function hurt(
  world: World,
  { rounds, setFaults: all, say }: PassOptions,
  tallies: Tallies,
  victims: Victim[],
): Promise<void> {
  const seats = shuffled(world.seats);
  const begin = async (fault: keyof typeof longFaults) => {
    for (const seat of seats.splice(0, longFaults[fault].containers(rounds))) {
      victims.push(await victimOf(world, seat, fault, () => longFaults[fault].begin(world, seat)));
      tallies.begin(`${fault} (${seat.host.name})`);
    }
  };
  const ofSet = all ? shuffled(times(rounds, Object.entries(setFaults))) : [];
  const beside = all ? shuffled(times(rounds, Object.entries(shortFaults))) : [];
  const stop = async () => {
    await begin("SIGSTOP of a container");
    await begin("SIGSTOP of a container's runtime alone");
  };
  // Those that no long fault needs.
  const well = seats.slice(Object.values(longFaults).reduce((sum, { containers }) => sum + containers(rounds), 0));
  try {
    for (const [at, [fault, run]] of ofSet.entries()) {
      if (at === ofSet.length - MEANWHILE) await stop();
      await world.set.whole();
      say(`${fault} (${at + 1} of ${ofSet.length})`);
      tallies.begin(fault);
      const ofSeat = beside[at];
      const seat = well[at % well.length];
      if (ofSeat !== undefined) tallies.begin(`${ofSeat[0]} (${seat?.host.name})`);
      await Promise.all([
        run(world).then((bitten) => tallies.add(fault, bitten)),
        ofSeat !== undefined && seat !== undefined && ofSeat[1](seat).then((bitten) => tallies.add(ofSeat[0], bitten)),
      ]);
    }
    await world.set.whole();
    if (ofSet.length === 0) await stop();
    await begin("a container is cut off from the primary");
    say(`${victims.length} containers are stopped or cut off: others take their campaigns over`);
    await within(TAKEN_OVER_WITHIN_MS, () => wakeTakenOver(world, victims));
  } finally {
    for (const victim of victims) victim.end();
  }
}

async function historySince(world: World, since: Timestamp): Promise<History> {
  const last = await world.ticks.mark();
  return historyOf(await world.changes(since, last), world.ticks.sent);
}

function sendersIn(world: World, logged: readonly number[]) {
  const addresses = new Map(world.seats.flatMap(({ owners, host }) => owners.map((owner) => [owner, host.address])));
  return {
    accepted: world.accepted(logged),
    addressOf: (owner: string) => addresses.get(owner),
    kills: world.set.nodes.flatMap(({ kills }) => kills).map(monotonicAt),
  };
}

class Tallies {
  readonly hurts: Hurt[] = [];
  readonly #all = new Map<string, Tally>();

  begin(what: string): void {
    this.hurts.push({ at: monotonic(), what });
  }

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

function shuffled<T>(all: readonly T[]): T[] {
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
