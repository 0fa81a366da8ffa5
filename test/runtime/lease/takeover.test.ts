import { describe, expect, test } from "vitest";
import { type Container, owned, World } from "./containers.ts";

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

  test("a process that was stopped in the middle of a heartbeat", async () => {
    const { world, owner } = await owned();
    const other = world.working();
    await world.seconds(100);
    owner.crash();
    await world.seconds(60);
    other.next("update containers", { reply: 5_000 });
    const before = other.sent.length;
    await world.when(() => other.sent.slice(before).includes("update containers"));
    other.clock.halt();
    await world.seconds(47);
    other.clock.wake();
    expect((await world.poll(other, 300, 1))?.after).toBeGreaterThan(75);
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
