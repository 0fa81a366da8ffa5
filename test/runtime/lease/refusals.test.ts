import { describe, expect, test } from "vitest";
import { Refused } from "../../../runtime/store/memory/document.ts";
import { type Container, listening, World } from "./containers.ts";

const orphan = { status: "running", lease: { owner: "gone", claimId: "x", epoch: 1, hbSeq: 3, state: "held" } };

/** A database that refuses every write into one record, as a schema of the collection's owner does. */
function refusing(world: World, id: string): { readonly tries: readonly number[] } {
  const tries: number[] = [];
  world.witness = (_by, request, perform) => {
    if (request.kind !== "campaigns") return perform();
    const writes = request.call === "update" ? [request.write] : request.call === "update all" ? request.writes : [];
    if (!writes.some((write) => write.id === id)) return perform();
    tries.push(world.clock.monotonic() / 1000);
    // In no order: the others are written.
    if (request.call === "update all")
      world.server.perform({ ...request, writes: writes.filter((write) => write.id !== id) });
    throw new Refused("validation", 121);
  };
  return { tries };
}

function expectPauses(tries: readonly number[], atLeast: number): void {
  for (const [index, at] of tries.entries()) {
    if (index > 0) expect(at - (tries[index - 1] ?? 0)).toBeGreaterThanOrEqual(atLeast);
  }
}

function named(container: Container) {
  return container.events("campaign_unreadable");
}

describe("one record that the database refuses", () => {
  test.each([
    ["queued", { status: "queued" }],
    ["given back", { status: "interrupted", lease: { epoch: 1 } }],
    ["an orphan", orphan],
  ])(
    "keeps nobody from the campaigns after it, is named, and tried again only after ten minutes: %s",
    async (_, fields) => {
      const world = new World();
      world.campaign("a-refused", fields);
      const { tries } = refusing(world, "a-refused");
      const container = world.working({ capacity: 3 });
      await world.seconds(200);
      world.campaign("b");
      world.campaign("c");
      for (const id of ["b", "c"]) {
        const got = await world.poll(container, 1);
        expect(got?.id).toBe(id);
        if (got !== undefined) await world.until(listening(container, got.held).end("complete"));
      }
      expect(await world.poll(container, 1_500, 5)).toBeUndefined();
      expect(tries.length).toBeGreaterThanOrEqual(2);
      expectPauses(tries, 600);
      expect(named(container)).toHaveLength(tries.length);
      expect(named(container)[0]).toMatchObject({ severity: "ERROR", fields: { campaign: "a-refused" } });
      expect(container.keeper.campaigns.list().map(({ id }) => id)).not.toContain("a-refused");
    },
  );

  test.each([
    ["given back", { status: "interrupted", lease: { epoch: 1 } }],
    ["an orphan", orphan],
    ["of a container that has stopped", { ...orphan, lease: { ...orphan.lease, owner: "stopped" } }],
  ])("does not stop the recovery of a whole fleet, though it is to be ended: %s", async (_, fields) => {
    const world = new World();
    world.server.perform({
      kind: "containers",
      call: "insert",
      record: { id: "stopped", hbSeq: 1, state: "stopped" },
    });
    world.campaign("a-refused", { ...fields, resume: { policy: "terminate" } });
    world.campaign("z", { ...orphan, resume: { policy: "terminate" } });
    const { tries } = refusing(world, "a-refused");
    const container = world.working();
    await world.seconds(180);
    expect(world.record("z").status).toBe("failed");
    await world.seconds(1_500);
    expect(tries.length).toBeGreaterThanOrEqual(2);
    expectPauses(tries, 600);
    expect(named(container)).toHaveLength(tries.length);
    expect(container.events("database_unavailable")).toEqual([]);
  });
});

describe("one that the database refuses in the hands of its owner", () => {
  test("costs no other campaign its owner", async () => {
    const world = new World();
    world.campaign("a-refused");
    world.campaign("b");
    const owner = world.working({ capacity: 2 });
    const refused = await world.holding(owner, "a-refused");
    const other = await world.holding(owner, "b");
    refusing(world, "a-refused");
    await world.seconds(300);
    expect(refused.heard).toContain("fenced");
    expect(other.heard).not.toContain("fenced");
    expect(await world.outcome(other.begin())).toBe("done");
  });

  test.each(["begin", "step", "end"] as const)(
    "is told so by its %s, once and for all, and people by name",
    async (act) => {
      const world = new World();
      world.campaign("a-refused");
      const owner = world.working();
      const holding = await world.holding(owner);
      if (act === "step") await world.until(holding.begin());
      refusing(world, "a-refused");
      const calls = { begin: () => holding.begin(), step: () => holding.step(0), end: () => holding.end("complete") };
      expect(await world.outcome(calls[act]())).toBe("fenced");
      expect(named(owner)).toMatchObject([{ severity: "ERROR", fields: { campaign: "a-refused" } }]);
      if (act !== "end") await world.until(holding.stopped());
      expect(owner.keeper.campaigns.list()).toEqual([]);
      expect(await world.poll(owner, 60)).toBeUndefined();
    },
  );
});
