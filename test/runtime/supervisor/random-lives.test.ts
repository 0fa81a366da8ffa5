import { expect, test } from "vitest";
import { budgetOf } from "../../../runtime/supervisor/budget.ts";
import { calendar, dental, utc } from "../../domain/clinic.ts";
import { seeded } from "../../support/seeded.ts";
import { type FakeChild, type World, world } from "./stand-ins.ts";

const closing = utc("2027-06-07 12:00");
const drain = 60;
const grace = 10;

/** What may happen in a life: where one of these never does, nothing is shown of it. */
const happenings = {
  "a SIGTERM": ({ asked }) => asked,
  "a second SIGTERM": ({ made }) => made.lines.filter(({ signal }) => signal === "SIGTERM").length > 1,
  "a move of the machine": ({ made }) => made.events().includes("migration_ended"),
  "a lost shift": ({ exit }) => exit === "shiftLost",
  "a closing": ({ exit }) => exit === "closing",
  "the last restart": ({ exit }) => exit === "gaveUp",
  "a restart": ({ made }) => made.children.length > 1,
  "a drain that is over in time": ({ made }) =>
    made.children.some(({ terms, kills }) => terms === 1 && kills < 2) && !made.events().includes("worker_killed"),
  "a drain that is too long": ({ made }) =>
    made.lines.some(({ event, why }) => event === "worker_killed" && why === "drained"),
  "a claim that is not confirmed": ({ made }) =>
    made.lines.some(({ event, why }) => event === "worker_killed" && why === "unconfirmed"),
  "orphans that are told": ({ made }) => made.children.some(({ othersTold }) => othersTold > 0),
  "a worker that outlives SIGKILL": ({ made }) => made.events().includes("kill_unconfirmed"),
  "a worker that takes its time to die": ({ made }) => made.children.some(({ kills }) => kills > 2),
  "a database that does not answer": ({ made }) => made.events().includes("lease_unavailable"),
  "campaigns given back in the middle": ({ made }) => made.told.some((line) => line.startsWith("dead crashed")),
  "campaigns given back at the end": ({ made }) => made.told.some((line) => line.startsWith("dead killed")),
  "a shift completed": ({ made }) => made.told.some((line) => line.startsWith("finish completed")),
  "a shift released": ({ made }) => made.told.some((line) => line.startsWith("finish released")),
  "nothing given back": ({ made }) => made.told.some((line) => line.startsWith("finish undefined")),
} as const satisfies Record<string, (life: { made: World; asked: boolean; exit: unknown }) => boolean>;

/** What one life has shown that none may show, and what has happened in it. */
async function live(
  seed: number,
): Promise<{ readonly wrong: readonly string[]; readonly happened: readonly string[] }> {
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
  const stopOrTwice = () => {
    stop();
    if (chance(0.3)) made.clock.after(between(0, grace * 1000), stop);
  };
  for (const [probability, event] of [
    [0.5, stopOrTwice],
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
  const life = { made, asked: asked !== undefined, exit: made.line("runtime_exited").reason };
  const happened = Object.entries(happenings).flatMap(([name, has]) => (has(life) ? [name] : []));
  return { wrong, happened };
}

test("in a thousand lives nothing is given back while the worker lives, and every SIGTERM ends in time", async () => {
  const counts = new Map(Object.keys(happenings).map((name) => [name, 0]));
  for (let seed = 1; seed <= 1000; seed++) {
    const { wrong, happened } = await live(seed);
    expect(wrong, `seed ${seed}`).toEqual([]);
    for (const name of happened) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  expect(
    [...counts].filter(([, count]) => count === 0),
    "what has never happened",
  ).toEqual([]);
  if (process.env.SHOW_COUNTS) console.log(Object.fromEntries(counts));
});
