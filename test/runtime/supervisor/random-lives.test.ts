import { expect, test } from "vitest";
import { budgetOf } from "../../../runtime/supervisor/budget.ts";
import { calendar, dental, utc } from "../../domain/clinic.ts";
import { seeded } from "../../support/seeded.ts";
import { type FakeChild, type World, world } from "./stand-ins.ts";

const closing = utc("2027-06-07 12:00");
const drain = 60;
const grace = 10;

/** What one life has shown that none may show. */
async function live(seed: number): Promise<readonly string[]> {
  const { fraction } = seeded(seed);
  const chance = (probability: number) => fraction() < probability;
  const between = (least: number, most: number) => least + (most - least) * fraction();
  const wrong: string[] = [];
  let asked: number | undefined;
  const made: World = world({
    wall: closing - between(0, 300_000),
    settings: { calendar: calendar(dental, { drain }), grace, restarts: Math.floor(between(0, 4)) },
    spawn: () => (child) => {
      if (made.children.some((other) => other.alive())) wrong.push("two workers at once");
      fated(child);
    },
  });

  /** How a worker lives, and how it takes its end. */
  function fated(child: FakeChild): void {
    const immortal = chance(0.05);
    const lingers = chance(0.3) ? between(0, 400) : 0;
    const kill = child.killAll.bind(child);
    child.others = chance(0.5) ? 2 : 0;
    child.killAll = () => {
      if (immortal) child.immortal = true;
      if (lingers === 0) kill();
      else made.clock.after(lingers, kill);
    };
    if (chance(0.7)) child.onTerm = () => void made.clock.after(between(0, 90_000), () => child.end({ code: 0 }));
    if (chance(0.5))
      made.clock.after(between(0, 120_000), () => child.end(chance(0.5) ? { code: 1 } : { signal: "SIGSEGV" }));
  }

  const dead = () => made.children.every((child) => !child.alive());
  const { leases } = made;
  const [workerDead, finish] = [leases.workerDead.bind(leases), leases.finish.bind(leases)];
  leases.workerDead = (cause) => {
    if (!dead()) wrong.push("campaigns go back while something of their worker lives");
    return workerDead(cause);
  };
  leases.finish = (leaving) => {
    if (leaving !== undefined && !dead()) wrong.push("the shift goes back while something of its worker lives");
    return finish(leaving);
  };
  if (chance(0.3))
    leases.slow = chance(0.5) ? new Promise(() => {}) : new Promise((resolve) => made.clock.after(400_000, resolve));

  const stop = () => {
    asked ??= made.now();
    made.signal("SIGTERM");
  };
  for (const [probability, event] of [
    [0.5, stop],
    [0.2, stop],
    [0.3, () => made.signal("SIGTSTP")],
    [0.3, () => made.signal("SIGCONT")],
    [0.3, () => made.clock.suspend(between(0, 60_000))],
    [0.2, () => leases.lost()],
    [0.3, () => leases.unconfirmed()],
    [0.3, () => leases.unconfirmed()],
  ] as const) {
    if (chance(probability)) made.clock.after(between(0, 400_000), event);
  }

  const code = await made.clock.until(made.code, 600_000);
  if (![0, 1, 70, 137, 139, 143].includes(code)) wrong.push(`exit ${code}`);
  if (asked !== undefined && made.now() - asked > budgetOf(grace).exit)
    wrong.push(`${made.now() - asked} ms after a SIGTERM`);
  if (made.children.some(({ terms }) => terms > 1)) wrong.push("a second SIGTERM to one worker");
  if (!dead() && !made.told.some((line) => line.startsWith("finish undefined")))
    wrong.push("a living worker is left, and given back");
  if (!dead() && !made.events().includes("kill_unconfirmed")) wrong.push("a living worker is left, and nobody is told");
  if (made.told.filter((line) => line.startsWith("finish")).length !== 1)
    wrong.push("the leases are finished more or less than once");
  return wrong;
}

test("in a thousand lives nothing is given back while the worker lives, and every SIGTERM ends in time", async () => {
  for (let seed = 1; seed <= 1000; seed++) expect(await live(seed), `seed ${seed}`).toEqual([]);
});
