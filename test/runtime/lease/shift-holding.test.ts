import { describe, expect, test } from "vitest";
import { type Container, World } from "./containers.ts";
import { duplicate, enter, lease, run, shift, started, unleased } from "./shifts.ts";

describe("what one look shows is not yet so", () => {
  test("a read that fails once does not make a dead holder's shift wait for a second observation", async () => {
    const world = new World();
    const { container } = await started(world);
    container.crash();
    const second = world.container();
    const began = world.clock.monotonic();
    const entry = enter(second);
    for (const at of [40, 100]) {
      await world.seconds(at - (world.clock.monotonic() - began) / 1000);
      second.next("find shifts", { request: "lost", broken: 10 });
    }
    expect(await world.until(entry)).toEqual(run);
    expect((world.clock.monotonic() - began) / 1000).toBeLessThan(126 + 2.1);
  });

  test("an outage of more than one and a half intervals does: the holder could not be heard either", async () => {
    const world = new World();
    const timing = { interval: 5, orphanAfter: 51 };
    const { container } = await started(world, timing);
    container.crash();
    const second = world.container(timing);
    const began = world.clock.monotonic();
    const entry = enter(second);
    await world.seconds(40);
    second.faults.partitioned = true;
    await world.seconds(10);
    second.faults.partitioned = false;
    expect(await world.until(entry)).toEqual(run);
    expect((world.clock.monotonic() - began) / 1000).toBeGreaterThan(50 + 53.5);
  });

  test("a start that watches works without a lease after 30 s without an answer: perhaps nobody does", async () => {
    const world = new World();
    await started(world);
    const second = world.container();
    const entry = enter(second);
    await world.seconds(11);
    second.faults.partitioned = true;
    const away = world.clock.monotonic();
    expect(await world.until(entry)).toEqual(unleased);
    expect((world.clock.monotonic() - away) / 1000).toBeGreaterThan(27);
    expect((world.clock.monotonic() - away) / 1000).toBeLessThanOrEqual(30);
  });

  test("a heartbeat that was sent before its holder drained, and lands after, sends nobody away", async () => {
    const world = new World();
    const { container } = await started(world);
    await world.seconds(25);
    const second = world.container();
    const entry = enter(second);
    await world.seconds(20);
    container.keeper.drain("draining");
    await world.seconds(3);
    const { hbSeq } = lease(world);
    world.change(shift.id, { "lease.state": "held", "lease.hbSeq": hbSeq + 1 }, "shifts");
    await world.seconds(3);
    container.keeper.drain("closing");
    await world.seconds(20);
    await world.until(container.keeper.finish("released"));
    expect(await world.until(entry)).toEqual(run);
    expect(lease(world)).toMatchObject({ owner: second.id, epoch: 2 });
  });

  test("heartbeats that a worker without a lease saw may be a dead one's last: it stays, and takes over", async () => {
    const world = new World();
    const { container } = await started(world);
    container.crash();
    const second = world.container();
    second.faults.partitioned = true;
    expect(await world.until(enter(second))).toEqual(unleased);
    second.faults.partitioned = false;
    const looks = () => second.sent.filter((operation) => operation === "find shifts").length;
    // As many as it takes until two of them came apart for certain, seen so seldom.
    for (let late = 0; late < 4; late++) {
      const before = looks();
      await world.when(() => looks() > before);
      world.change(shift.id, { "lease.hbSeq": 10 + late }, "shifts");
    }
    await world.seconds(50);
    // It looks closely.
    expect(looks()).toBeGreaterThan(10);
    await world.seconds(160);
    expect(second.shiftsLost).toBe(0);
    expect(lease(world)).toMatchObject({ owner: second.id, epoch: 2, state: "held" });
    expect(second.events("lease_available")).toHaveLength(1);
  });
});

describe("one look at a time", () => {
  test("a heartbeat gets the answer of the look that its start could not wait for: two would judge by each other's", async () => {
    const world = new World();
    const second = world.container({ interval: 2, orphanAfter: 51 });
    const count = (operation: string) => second.sent.filter((sent) => sent === operation).length;
    second.next("find shifts", { reply: 9_900 });
    expect(await world.until(enter(second))).toEqual(unleased);
    const heartbeats = count("update containers");
    await world.seconds(4.5);
    expect(count("update containers")).toBeGreaterThan(heartbeats);
    expect(count("find shifts")).toBe(1);
    await world.seconds(1);
    expect(second.events("lease_available")).toHaveLength(1);
    expect(lease(world)).toMatchObject({ owner: second.id, epoch: 1, state: "held" });
  });
});

describe("one that drains is no reason to leave", () => {
  test("nor for two that work without a lease, and hear of it by the heartbeat that they waited for", async () => {
    const world = new World();
    const { container } = await started(world);
    const others = [world.container(), world.container()];
    for (const other of others) {
      other.faults.partitioned = true;
      expect(await world.until(enter(other))).toEqual(unleased);
      other.faults.partitioned = false;
    }
    const looks = (other: Container) => other.sent.filter((operation) => operation === "find shifts").length;
    const looksClosely = async (other: Container) => {
      const before = looks(other);
      await world.seconds(5);
      return looks(other) - before >= 2;
    };
    await world.when(() => looksClosely(others[0] as Container));
    container.keeper.drain("closing");
    await world.seconds(9);
    await world.until(container.keeper.finish("released"));
    await world.seconds(40);
    const [one, two] = others.map(({ shiftsLost }) => shiftsLost);
    expect([one, two]).toEqual([0, 0]);
    expect(others.map(({ id }) => id)).toContain(lease(world).owner);
    await world.seconds(200);
    expect(others.filter(({ shiftsLost }) => shiftsLost === 0).map(({ id }) => id)).toEqual([lease(world).owner]);
  });

  test("nor for one that lost its shift to it: it goes on, and has the shift again", async () => {
    const world = new World();
    const { container } = await started(world);
    await world.seconds(60);
    container.faults.partitioned = true;
    const second = await started(world);
    expect(second.entry).toEqual(run);
    second.container.keeper.drain("closing");
    await world.seconds(1);
    container.faults.partitioned = false;
    await world.seconds(8);
    await world.until(second.container.keeper.finish("released"));
    await world.seconds(70);
    expect(container.shiftsLost).toBe(0);
    expect(lease(world)).toMatchObject({ owner: container.id, epoch: 3, state: "held" });
  });

  test("but one that was moved, and is back, is: three do not work all day", async () => {
    const world = new World();
    const { container } = await started(world);
    await world.seconds(10);
    container.keeper.migrating();
    await world.seconds(1);
    const second = world.container();
    const entry = enter(second);
    await world.seconds(9);
    container.keeper.resumed();
    expect(await world.until(entry)).toEqual(duplicate);
    expect(container.shiftsLost).toBe(0);
  });
});

describe("nobody is left without a worker when the record is not what its holder wrote", () => {
  test("taken by one that gave it back again: the one that works goes on, and has it", async () => {
    const world = new World();
    const { container } = await started(world);
    await world.seconds(60);
    container.faults.partitioned = true;
    const second = await started(world);
    expect(second.entry).toEqual(run);
    await world.until(second.container.keeper.finish("released"));
    container.faults.partitioned = false;
    await world.seconds(40);
    expect(container.shiftsLost).toBe(0);
    expect(lease(world)).toMatchObject({ status: "running", owner: container.id, epoch: 3, state: "held" });
    expect(container.events("lease_available")).toHaveLength(1);
  });

  test.each([
    ["given back by hand", { status: "interrupted" }],
    ["of a status that nobody knows", { status: "paused" }],
    ["without its lease", { status: "interrupted", lease: null }],
    ["with another epoch, and its own claim", { "lease.epoch": 7 }],
    ["with a lower epoch", { status: "interrupted", lease: { epoch: 0, state: "free" } }],
  ])("%s: the one that works goes on, and has it", async (_, change) => {
    const world = new World();
    const { container } = await started(world);
    await world.seconds(40);
    world.change(shift.id, change, "shifts");
    await world.seconds(40);
    expect(container.shiftsLost).toBe(0);
    expect(lease(world)).toMatchObject({ status: "running", owner: container.id, state: "held" });
    const { hbSeq } = lease(world);
    await world.seconds(40);
    expect(lease(world).hbSeq).toBeGreaterThan(hbSeq);
  });

  /** The record was set back, and another has it under a lower epoch than the one that works. */
  async function setBack() {
    const world = new World();
    const before = await started(world);
    await world.until(before.container.keeper.finish("released"));
    const { container } = await started(world);
    await world.seconds(40);
    world.change(shift.id, { status: "interrupted", lease: null }, "shifts");
    const second = await started(world);
    expect(second.entry).toEqual(run);
    expect(lease(world)).toMatchObject({ owner: second.container.id, epoch: 1 });
    return { world, first: container, second: second.container };
  }

  test("under a lower epoch by one that lives: only one of the two leaves", async () => {
    const { world, first, second } = await setBack();
    await world.seconds(400);
    expect(first.shiftsLost + second.shiftsLost).toBe(1);
    expect(lease(world).owner).toBe((first.shiftsLost === 0 ? first : second).id);
  });

  test("under a lower epoch by one that has died: the other stays, and has it", async () => {
    const { world, first, second } = await setBack();
    second.crash();
    await world.seconds(400);
    expect(first.shiftsLost).toBe(0);
    expect(lease(world)).toMatchObject({ owner: first.id, state: "held" });
  });
});

test("who was taken over from, and has the record again that people set back, is watched anew before it is taken over from again", async () => {
  const world = new World();
  const { container: first } = await started(world);
  // Before its first heartbeat: what it claims again has the same numbers.
  first.faults.partitioned = true;
  const second = await started(world);
  expect(second.entry).toEqual(run);
  world.change(shift.id, { status: "interrupted", lease: null }, "shifts");
  first.faults.partitioned = false;
  await world.when(() => lease(world).owner === first.id);
  expect(lease(world)).toMatchObject({ epoch: 1, hbSeq: 0 });
  await world.seconds(25);
  expect(second.container.events("shift_taken_over")).toHaveLength(1);
});

test("a claim that is under way when the container is told to end is given back: nobody waits for a dead holder", async () => {
  const world = new World();
  const container = world.container();
  container.next("insert shifts", { reply: 1_500 });
  container.keeper.start();
  const told = new AbortController();
  const entry = container.keeper.enterShift(shift, told.signal);
  await world.seconds(0.5);
  told.abort();
  await world.until(container.keeper.finish("released"));
  await world.until(entry);
  expect(world.stored(shift.id, "shifts")).toMatchObject({ status: "interrupted", lease: { state: "free" } });
  expect(world.stored(container.id, "containers").state).toBe("stopped");
});
