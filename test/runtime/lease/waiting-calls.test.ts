import { expect, test } from "vitest";
import { World } from "./containers.ts";

const TRUST = 105;

test.each(["begin", "step"] as const)(
  "a worker that waits for the answer to a %s hears at once that it lost its campaign, and is not killed with its other calls",
  async (name) => {
    const world = new World();
    world.campaign("c1");
    const owner = world.working();
    const holding = await world.holding(owner);
    if (name === "step") await world.until(holding.begin(0));
    owner.faults.partitioned = true;
    // Its database answers nobody; a call takes as long as two of its operations: 16 s.
    await world.seconds(TRUST - 2);
    let answered = 0;
    const call = name === "begin" ? holding.begin(0) : holding.step(0);
    const repeated = name === "begin" ? holding.begin(0) : holding.step(0);
    const count = () => void answered++;
    call.catch(count);
    repeated.catch(count);
    await world.seconds(1);
    expect(answered).toBe(0);
    await world.seconds(1);
    expect(holding.heard).toContain("fenced");
    expect(answered).toBe(2);
    expect(await world.outcome(call)).toBe("fenced");
    await world.until(holding.stopped());
    await world.seconds(30);
    expect(owner.unconfirmed).toBe(0);
  },
);
