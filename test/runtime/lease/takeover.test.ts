import { describe, expect, test } from "vitest";
import { type Container, type ContainerOptions, type Holding, listening, World } from "./containers.ts";

/** An owner that works on `c1`, after a while of peace. */
async function owned(options: ContainerOptions = {}): Promise<{ world: World; owner: Container; holding: Holding }> {
  const world = new World();
  world.campaign("c1");
  const owner = world.working(options);
  await world.seconds(10);
  return { world, owner, holding: await world.holding(owner) };
}

describe("how long patients wait when a container has crashed", () => {
  test.each([
    [30, 120, 171],
    [5, 51, 62],
  ])(
    "with heartbeats of %i s and a threshold of %i s: at most %i s from the last heartbeat, whatever the phases",
    async (interval, orphanAfter, bar) => {
      let longest = 0;
      for (let seed = 1; seed <= 150; seed++) {
        const world = new World(seed);
        world.campaign("c1");
        const timing = { interval, orphanAfter };
        const owner = world.working(timing);
        await world.seconds(world.random.fraction() * 2 * interval);
        await world.holding(owner);
        await world.seconds(world.random.fraction() * interval);
        const other = world.working(timing);
        await world.seconds(3 * interval + world.random.fraction() * interval);
        const last = world.record("c1").lease.hbSeq;
        await world.when(() => world.record("c1").lease.hbSeq !== last);
        const beaten = world.clock.monotonic();
        owner.crash();
        await world.seconds(orphanAfter * 1.05 - 1);
        expect(await world.poll(other, bar, 0.25)).toMatchObject({ id: "c1" });
        longest = Math.max(longest, (world.clock.monotonic() - beaten) / 1000);
      }
      expect(longest).toBeLessThanOrEqual(bar);
      // The bar is not reached by chance alone: it is what the phases can add up to.
      expect(longest).toBeGreaterThan(bar * 0.9);
    },
  );

  test("a lone container that Cloud Run started again has it after 131 s", async () => {
    const { world, owner } = await owned();
    owner.crash();
    const next = world.working();
    expect((await world.poll(next, 131, 0.1))?.after).toBeLessThanOrEqual(131);
  });

  test("after a clean stop, at once", async () => {
    const { world, owner } = await owned();
    const other = world.working();
    await world.seconds(60);
    owner.keeper.drain("closing");
    await world.until(owner.keeper.workerDead("killed"));
    await world.until(owner.keeper.finish("released"));
    expect((await world.poll(other, 1, 0.1))?.after).toBe(0);
  });
});

describe("nobody takes a campaign from an owner that works", () => {
  test("however slow its database is", async () => {
    const { world, owner, holding } = await owned();
    const other = world.working();
    owner.faults.delay = 3_900;
    other.faults.delay = 3_900;
    expect(await world.poll(other, 3_600, 60)).toBeUndefined();
    expect(world.record("c1").lease.epoch).toBe(holding.epoch);
    expect(holding.heard).not.toContain("fenced");
  });

  test("though the database's clock jumps, forwards or back", async () => {
    const { world, holding } = await owned();
    const other = world.working();
    for (const jump of [3_600_000, -7_200_000, 86_400_000, -86_400_000]) {
      world.serverAhead += jump;
      expect(await world.poll(other, 200, 20)).toBeUndefined();
    }
    expect(holding.heard).not.toContain("fenced");
  });

  test("though the observer's wall clock jumps", async () => {
    const { world } = await owned();
    const other = world.working();
    await world.seconds(60);
    other.clock.setWall(3_600_000);
    expect(await world.poll(other, 300, 5)).toBeUndefined();
  });

  test("a heartbeat that comes between the last look and the takeover wins", async () => {
    const { world, owner, holding } = await owned();
    const other = world.working();
    await world.seconds(60);
    owner.clock.halt();
    await world.seconds(125 + 45);
    other.next("update campaigns", { request: 3_000 });
    const taken = other.keeper.campaigns.next("r1");
    await world.seconds(1);
    // Written by hand: the owner is stopped, and this is a heartbeat of it that lands late.
    const { hbSeq } = world.record("c1").lease;
    world.change("c1", { "lease.hbSeq": hbSeq + 1 });
    expect(await world.until(taken)).toBeUndefined();
    expect(world.record("c1").lease).toMatchObject({ claimId: holding.claimId, epoch: 1 });
  });

  test("two observers that find the same orphan make one owner of it", async () => {
    const { world, owner } = await owned();
    const others = [world.working(), world.working(), world.working()];
    await world.seconds(60);
    owner.crash();
    await world.seconds(172);
    const taken = await world.until(Promise.all(others.map(({ keeper }) => keeper.campaigns.next("r1"))));
    expect(taken.filter((held) => held !== undefined)).toHaveLength(1);
    expect(world.record("c1").lease.epoch).toBe(2);
  });
});

describe("a takeover is decided by what this process saw itself, for the whole time", () => {
  test("one look decides nothing, however old the heartbeat is", async () => {
    const world = new World();
    world.campaign("c1", {
      status: "running",
      lease: { owner: "gone", claimId: "x", epoch: 4, hbSeq: 9, hbAt: new Date(0), state: "held" },
    });
    const container = world.working();
    await world.seconds(6);
    expect(await world.outcome(container.keeper.campaigns.claim("c1", "r1"))).toBe("held");
    expect((await world.poll(container, 200, 1))?.after).toBeGreaterThan(119);
  });

  test("a claim by name waits as long as one that is handed out", async () => {
    const { world, owner } = await owned();
    owner.crash();
    const other = world.working();
    await world.seconds(6);
    for (let asked = 0; asked < 11; asked++) {
      expect(await world.outcome(other.keeper.campaigns.claim("c1", `r${asked}`))).toBe("held");
      await world.seconds(10);
    }
    await world.seconds(20);
    expect(await world.outcome(other.keeper.campaigns.claim("c1", "r"))).toBe("done");
  });

  test("a process that was stopped begins to look anew", async () => {
    const { world, owner } = await owned();
    const other = world.working();
    await world.seconds(100);
    owner.crash();
    await world.seconds(60);
    other.clock.halt();
    await world.seconds(60);
    other.clock.wake();
    expect((await world.poll(other, 300, 1))?.after).toBeGreaterThan(120);
  });

  test("and so does a machine that was suspended", async () => {
    const { world, owner } = await owned();
    const other = world.working();
    await world.seconds(100);
    owner.crash();
    await world.seconds(120);
    other.clock.suspend();
    await world.seconds(50);
    other.clock.wake();
    await world.seconds(60);
    expect(await world.outcome(other.keeper.campaigns.claim("c1", "r1"))).toBe("held");
    expect((await world.poll(other, 300, 1))?.after).toBeGreaterThan(60);
  });

  test("a machine that was moved (SIGCONT), whose database elected another primary, or whose reading failed", async () => {
    const gaps: ((world: World, other: Container) => Promise<void> | void)[] = [
      (_, other) => other.keeper.resumed(),
      (world) => world.server.changeTopology(),
      async (world, other) => {
        other.next("list campaigns", { request: "lost", broken: 1 });
        await world.seconds(46);
      },
    ];
    for (const gap of gaps) {
      const { world, owner } = await owned();
      const other = world.working();
      await world.seconds(100);
      owner.crash();
      await world.seconds(100);
      await gap(world, other);
      expect((await world.poll(other, 300, 1))?.after).toBeGreaterThan(75);
    }
  });
});

describe("who may be cut off itself judges nobody", () => {
  test("an observer whose own heartbeats fail takes nothing, though it can read", async () => {
    const { world, owner } = await owned();
    const other = world.working();
    await world.seconds(60);
    owner.crash();
    for (let times = 0; times < 40; times++) other.next("update containers", { request: "lost" });
    expect(await world.poll(other, 300, 5)).toBeUndefined();
    expect(await world.outcome(other.keeper.campaigns.claim("c1", "by name"))).toBe("held");
    expect(other.events("database_unavailable")).toHaveLength(1);
  });

  test("an observer of which no heartbeat was ever accepted takes nothing", async () => {
    const { world, owner } = await owned();
    owner.crash();
    const other = world.container();
    for (let times = 0; times < 100; times++) other.next("insert containers", { request: "lost" });
    other.keeper.workerStarted();
    expect(await world.poll(other, 250, 5)).toBeUndefined();
  });
});

describe("many that look dead at once are rather a fault of the database", () => {
  async function fleet(count: number) {
    const world = new World();
    const owners = [];
    for (let number = 1; number <= count; number++) {
      world.campaign(`c${number}`);
      const owner = world.working();
      await world.seconds(1);
      await world.holding(owner);
      owners.push(owner);
    }
    const observer = world.working({ capacity: 10 });
    await world.seconds(100);
    return { world, owners, observer };
  }

  test("three of four wait one observation longer, and that is said once", async () => {
    const { world, owners, observer } = await fleet(4);
    for (const owner of owners.slice(0, 3)) owner.crash();
    const first = await world.poll(observer, 400, 1);
    expect(first?.after).toBeGreaterThan(2 * 126 - 40);
    expect(first?.after).toBeLessThan(2 * 126 + 46);
    expect(observer.events("takeover_held")).toHaveLength(1);
    expect(observer.events("takeover_held")[0]?.fields).toMatchObject({ dead: 3, alive: 2 });
    for (let taken = 0; taken < 2; taken++) expect(await world.poll(observer, 60, 1)).toBeDefined();
  });

  test("three of eight are taken over without delay", async () => {
    const { world, owners, observer } = await fleet(8);
    for (const owner of owners.slice(0, 3)) owner.crash();
    expect((await world.poll(observer, 400, 1))?.after).toBeLessThan(171);
    expect(observer.events("takeover_held")).toHaveLength(0);
  });

  test("two of two are taken over without delay", async () => {
    const { world, owners, observer } = await fleet(2);
    for (const owner of owners) owner.crash();
    expect((await world.poll(observer, 400, 1))?.after).toBeLessThan(171);
  });

  test("records of containers that ended long ago do not count", async () => {
    const { world, owners, observer } = await fleet(2);
    for (let number = 0; number < 10; number++) {
      world.server.perform({
        kind: "containers",
        call: "insert",
        record: { id: `old-${number}`, hbSeq: 5, state: "running" },
      });
    }
    await world.seconds(60);
    owners[0]?.crash();
    expect((await world.poll(observer, 400, 1))?.after).toBeLessThan(171);
  });

  test("what comes back meanwhile keeps its campaigns", async () => {
    const { world, owners, observer } = await fleet(4);
    for (const owner of owners) owner.clock.halt();
    await world.seconds(180);
    for (const owner of owners) owner.clock.wake();
    expect(await world.until(observer.keeper.campaigns.next("r1"))).toBeUndefined();
  });
});

describe("nobody waits for an owner that is gone for certain", () => {
  const place = { execution: "worker-abcde", task: 0, attempt: 0 };

  test("an earlier attempt of the same task: Cloud Run starts the next one only when it has ended", async () => {
    const { world, owner } = await owned({ place });
    owner.crash();
    const retry = world.working({ place: { ...place, attempt: 1 } });
    expect((await world.poll(retry, 60, 0.5))?.after).toBeLessThanOrEqual(5.5);
  });

  test.each([
    ["the same attempt", place],
    ["another task", { ...place, task: 1, attempt: 1 }],
    ["another execution", { ...place, execution: "worker-fghij", attempt: 1 }],
    ["an earlier attempt than its own", { ...place, attempt: -1 }],
  ])("but for %s it does", async (_, of) => {
    const { world } = await owned({ place: { ...place, attempt: 0 } });
    const other = world.working({ place: of.attempt < 0 ? place : of });
    expect(await world.poll(other, 300, 10)).toBeUndefined();
  });

  test("but outside Cloud Run every container is an attempt 0 of `local`", async () => {
    const { world } = await owned({ place: { execution: "local", task: 0, attempt: 0 } });
    const other = world.working({ place: { execution: "local", task: 0, attempt: 1 } });
    expect(await world.poll(other, 300, 10)).toBeUndefined();
  });

  test("a container that said it has stopped, though what it gave back was lost", async () => {
    const { world, owner } = await owned();
    const other = world.working();
    await world.seconds(60);
    owner.next("update all campaigns", { request: "lost" });
    owner.next("update all campaigns", { request: "lost" });
    await world.until(owner.keeper.workerDead("killed"));
    await world.until(owner.keeper.finish("released"));
    expect(world.record("c1").status).toBe("running");
    expect((await world.poll(other, 200, 0.5))?.after).toBeLessThanOrEqual(45.5);
    // It ended as it should: that is not the campaign's fault.
    expect(world.record("c1").recovery.count).toBe(0);
  });

  test("a heartbeat of it that lands after it has stopped does not bring it back", async () => {
    const { world, owner } = await owned();
    const other = world.working();
    await world.seconds(60);
    owner.next("update all campaigns", { request: "lost" });
    await world.until(owner.keeper.workerDead("killed"));
    owner.next("update containers", { request: 1_500, reply: "lost" });
    owner.keeper.drain("closing");
    await world.seconds(0);
    await world.until(owner.keeper.finish("released"));
    await world.seconds(2);
    expect(world.stored(owner.id, "containers").state).toBe("stopped");
    expect((await world.poll(other, 200, 0.5))?.after).toBeLessThanOrEqual(45.5);
  });
});

describe("what nobody in this process knows of", () => {
  test("a claim of its own that landed late is taken over by the lone container itself", async () => {
    const world = new World();
    world.campaign("c1");
    const lone = world.working();
    await world.seconds(10);
    lone.next("update campaigns", { request: 120_000 });
    expect(await world.outcome(lone.keeper.campaigns.next("r1"))).toBe("no answer");
    await world.seconds(111);
    expect(await world.outcome(lone.keeper.campaigns.next("r1"))).toBe("fenced");
    await world.seconds(2);
    expect(world.record("c1")).toMatchObject({ status: "running", lease: { owner: lone.id, epoch: 1 } });
    const again = await world.poll(lone, 180, 1);
    expect(again?.held).toMatchObject({ id: "c1", epoch: 2, resumed: true });
    // It did not die of it.
    expect(world.record("c1").recovery.count).toBe(0);
  });

  test("orphans beyond the capacity wait for a place, and none is forgotten", async () => {
    const world = new World();
    const dead = world.working({ capacity: 3 });
    for (const id of ["c1", "c2", "c3"]) {
      world.campaign(id);
      await world.holding(dead);
    }
    await world.seconds(60);
    dead.crash();
    const other = world.working();
    const first = await world.poll(other, 200, 1);
    expect(first).toBeDefined();
    if (first !== undefined) await world.until(listening(other, first.held).end("complete"));
    await world.seconds(300);
    const second = await world.poll(other, 1, 1);
    expect(second?.after).toBe(0);
  });

  test("an orphan that may not be resumed is ended within 171 s, though another has long been waiting for a place", async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const world = new World(seed);
      world.campaign("mine");
      const busy = world.working();
      await world.holding(busy);
      const orphan = { status: "running", lease: { owner: "gone", claimId: "x", epoch: 1, hbSeq: 3, state: "held" } };
      world.campaign("waiting", orphan);
      await world.seconds(200 + 45 * world.random.fraction());
      world.campaign("terminated", { ...orphan, resume: { policy: "terminate" } });
      await world.seconds(171);
      expect(world.record("terminated").status).toBe("failed");
    }
  });

  test("an orphan that somebody else finished is not asked for again and again", async () => {
    const world = new World();
    const owner = `worker-abcde/0/0/${"0".repeat(32)}`;
    const lease = { owner, claimId: "x", epoch: 1, hbSeq: 3, state: "held" };
    world.campaign("c1", { status: "running", lease, resume: { policy: "resume-if", inHours: true } });
    const container = world.working({
      place: { execution: "worker-abcde", task: 0, attempt: 1 },
      open: () => false,
    });
    const reads = () => container.sent.filter((operation) => operation === "find campaigns").length;
    await world.poll(container, 60);
    expect(reads()).toBeGreaterThan(10);
    world.change("c1", { status: "completed" });
    await world.poll(container, 60);
    const before = reads();
    await world.poll(container, 60);
    expect(reads()).toBe(before);
  });
});
