import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { seeded } from "../../support/seeded.ts";
import { tier } from "../../support/tier.ts";
import { endAll, launch, missing } from "./real.ts";
import { factsIn, only } from "./real-lives/facts.ts";
import type { End, Job, WorkerFate } from "./real-lives/fate.ts";
import { childrenOf } from "./real-lives/living.ts";

const worker = fileURLToPath(new URL("real-lives/worker.py", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "zombies-"));
afterAll(() => {
  endAll();
  rmSync(directory, { recursive: true });
});

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_000);
/** How long a process that has ended may wait to be reaped, in milliseconds: a machine that is busy is slow, too. */
const A_MOMENT = 1000;
const ORPHANS = 30;

/** Starts orphans at once, which end at random times, in groups and sessions of their own or not; and itself on SIGTERM. */
function leavingOrphans(seed: number): WorkerFate {
  const { fraction } = seeded(seed);
  const one = <T>(...of: readonly [T, ...T[]]): T => of[Math.floor(fraction() * of.length)] ?? of[0];
  const orphan = (): Job => ({
    where: one("with the worker", "group", "session"),
    orphan: true,
    hops: fraction() < 0.2 ? Math.ceil(fraction() * 10) : 0,
    every: 5,
    onTerm: null,
    code: 0,
    ends: { at: Math.round(300 + fraction() * 2200), how: one<End["how"]>(0, 3, "SIGKILL") },
  });
  return { onTerm: 300, code: 0, ends: null, jobs: Array.from({ length: ORPHANS }, orphan) };
}

/** What was seen of the children of who reaps, from the first to the last of them. */
interface Watched {
  /** For how long each was seen as a zombie, in milliseconds. */
  readonly zombies: ReadonlyMap<number, number>;
  /** Who was seen alive below it, without the runtime. */
  readonly adopted: ReadonlySet<number>;
}

/** @param above what the runtime is started by, so that it or the runtime itself is given the orphans */
async function watch(seed: number, above: readonly string[]): Promise<Watched & { readonly ended: number }> {
  const file = join(directory, `${seed}-${above[0]}`);
  writeFileSync(file, "");
  const launched = launch(["python3", "-I", "-S", worker, file, JSON.stringify(leavingOrphans(seed))], {
    below: above,
    settings: { grace: 1 },
  });
  const first = new Map<number, number>();
  const zombies = new Map<number, number>();
  const adopted = new Set<number>();
  let over = false;
  const ended = launched.ended.then(() => {
    over = true;
  });
  // Some orphans end before that, some of it, some are killed with what is left.
  const told = launched.says("ready").then(async () => {
    await pause(1500);
    launched.signal("SIGTERM");
  });
  while (!over) {
    const now = performance.now();
    for (const { pid, state } of childrenOf(launched.pid)) {
      if (state !== "Z") adopted.add(pid);
      else {
        first.set(pid, first.get(pid) ?? now);
        zombies.set(pid, now - (first.get(pid) ?? now));
      }
    }
    await Promise.race([pause(20), ended]);
  }
  await told;
  return { zombies, adopted, ended: only(factsIn(readFileSync(file, "utf8")), "ends").length };
}

tier("orphans of a worker", missing("tini", "--version") ?? missing("python3", "--version"), () => {
  const workers = 6;

  test(`stay no zombies below tini: ${workers} workers that leave ${ORPHANS} each, from seed ${seed}`, {
    timeout: 120_000,
  }, async () => {
    const all = Array.from({ length: workers }, (_, at) => watch(seed + at, ["tini", "-s", "--"]));
    for (const { zombies, adopted, ended } of await Promise.all(all)) {
      expect(Math.max(0, ...zombies.values())).toBeLessThan(A_MOMENT);
      // It has had some to reap. The runtime is one of those that it has.
      expect(adopted.size).toBeGreaterThan(6);
      expect(ended).toBeGreaterThan(5);
    }
  });

  test("stay zombies where the runtime itself would have to reap them, and that is seen: an image needs tini", {
    timeout: 60_000,
  }, async () => {
    const { zombies } = await watch(seed, ["python3", "-c", SUBREAPER]);
    expect([...zombies.values()].filter((time) => time >= A_MOMENT).length).toBeGreaterThan(3);
  });
});

/** Makes this process the one that is given orphans (PR_SET_CHILD_SUBREAPER, `man 2 prctl`), as process 1 is, and becomes the runtime. */
const SUBREAPER =
  "import ctypes, os, sys; ctypes.CDLL(None).prctl(36, 1, 0, 0, 0); os.execv(sys.argv[1], sys.argv[1:])";
