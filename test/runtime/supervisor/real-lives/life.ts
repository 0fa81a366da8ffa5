import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Launched, launch } from "../real.ts";
import { factsIn, only, type Told } from "./facts.ts";
import type { Fate, SignalFate } from "./fate.ts";
import { type Living, livingOf, queuedOf } from "./living.ts";

/** A signal that was sent, and when (CLOCK_MONOTONIC, in milliseconds). */
export interface Sent extends SignalFate {
  readonly sent: number;
  /** For how long the runtime had wanted a CPU and had none by then. */
  readonly queued: number;
}

/** All that is known of a life when it is over. */
export interface Lived {
  readonly fate: Fate;
  readonly code: number | null;
  readonly signal: string | null;
  /** When it ended (CLOCK_MONOTONIC, in milliseconds). Undefined: it had to be killed. */
  readonly ended: number | undefined;
  readonly sent: readonly Sent[];
  readonly facts: readonly Told[];
  /** The runtime's own lines. */
  readonly lines: Launched["lines"] extends () => infer L ? L : never;
  /** What outlived it, at the moment of its end. */
  readonly left: readonly Living[];
}

export interface LifeParts {
  /** `watched.ts` as one file. */
  readonly program: string;
  /** The interpreter of `worker.py`. */
  readonly python: string;
}

const worker = fileURLToPath(new URL("worker.py", import.meta.url));

/** After this a life is killed, and that is wrong. */
const LONGEST = 40_000;

/** One life of a runtime over real processes, as its fate says. */
export async function live(fate: Fate, { program, python }: LifeParts): Promise<Lived> {
  const directory = mkdtempSync(join(tmpdir(), "life-"));
  const file = join(directory, "facts");
  const life = `${fate.seed}-${process.pid}-${directory.slice(-6)}`;
  writeFileSync(file, "");
  const facts = () => factsIn(readFileSync(file, "utf8"));
  let command = [python, "-I", "-S", worker, file, JSON.stringify(fate.worker)];
  for (let shell = 0; shell < fate.shells; shell++) command = ["sh", "-c", '"$@"; exit $?', "sh", ...command];
  const launched = launch(command, {
    program,
    settings: fate.settings,
    below: fate.tini ? ["tini", "-s", "--"] : [],
    environment: { LIFE: life, FACTS: file },
  });
  const sent: Sent[] = [];
  let over = false;
  const exited = launched.exited.finally(() => {
    over = true;
  });
  const signals = send();
  const end = await Promise.race([exited, pause(LONGEST, undefined, { ref: false })]);
  const left = end === undefined ? [] : livingOf(life);
  // Whoever is left has its standard output, which ends with the last of them.
  const { code, signal } = await killed(life, launched.ended);
  await signals;
  const lived: Lived = {
    fate,
    code,
    signal,
    ended: end && end + offset,
    sent,
    facts: facts(),
    lines: launched.lines(),
    left,
  };
  rmSync(directory, { recursive: true });
  return lived;

  async function send(): Promise<void> {
    const first = fate.from === "the worker's first word" ? "ready\n" : '"runtime_started"';
    await Promise.race([launched.says(first).catch(() => {}), exited]);
    const began = performance.now();
    for (const signal of fate.signals) {
      await Promise.race([pause(Math.max(0, signal.at - (performance.now() - began))), exited]);
      if (over) return;
      const pid = targetOf(signal);
      if (pid === undefined) continue;
      const [runtime] = only(facts(), "runtime");
      sent.push({ ...signal, sent: performance.now() + offset, queued: runtime ? queuedOf(runtime.pid) : 0 });
      try {
        process.kill(pid, signal.name);
      } catch {
        sent.pop();
      }
    }
  }

  /** Whom a signal goes to. tini hands on what it gets, but nobody can be handed a SIGSTOP. */
  function targetOf({ to, name }: SignalFate): number | undefined {
    const [runtime] = only(facts(), "runtime");
    if (to === "runtime") return fate.tini && name !== "SIGSTOP" && name !== "SIGCONT" ? launched.pid : runtime?.pid;
    const pid = Number(launched.lines().findLast(({ event }) => event === "worker_started")?.pid);
    return livingOf(life).some((living) => living.pid === pid) ? pid : undefined;
  }
}

/** Kills what is left of a life until its end is there: who forks all the time may need more than one look. */
async function killed<T>(life: string, ended: Promise<T>): Promise<T> {
  for (;;) {
    for (const { pid } of livingOf(life)) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended in between.
      }
    }
    const end = await Promise.race([ended, pause(50)]);
    if (end !== undefined) return end;
  }
}

/** From `performance.now()` to CLOCK_MONOTONIC. */
const offset = Number(process.hrtime.bigint()) / 1e6 - performance.now();
