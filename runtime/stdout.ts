import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";
import { event } from "../domain/contract.ts";
import { count } from "../domain/findings.ts";
import { jsonLog } from "./json-log.ts";
import type { Clock, Log } from "./ports.ts";

/** One write; returns how many bytes were taken. `writeSync` of node:fs, or a stand-in. */
export type WriteTo = (fd: number, bytes: Buffer) => number;

/** Ours: some minutes of lines, for a reader that pauses. */
const MOST_WAITING = 1_000_000;
/** Milliseconds of Node's own clock. */
const RETRY = 50;
/** Milliseconds for the last lines of a process, out of the half second that is left for such things. */
const LAST = 200;

/**
 * Writes lines to standard output: at once, in order, and never waiting for a reader. The worker has the same standard
 * output; Node's own `process.stdout` would change how the worker's writes to it behave, and a reader that has stopped
 * would stop the heartbeats.
 */
export class LineWriter {
  readonly #fd: number;
  readonly #write: WriteTo;
  readonly #tellLost: (lost: number) => void;
  #waiting: Buffer[] = [];
  #bytes = 0;
  #lost = 0;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param tellLost called once there is room again, with how many lines found none */
  constructor(fd: number, write: WriteTo, tellLost: (lost: number) => void) {
    this.#fd = fd;
    this.#write = write;
    this.#tellLost = tellLost;
  }

  write(line: string): void {
    if (this.#closed) return;
    const bytes = Buffer.from(line);
    if (this.#bytes + bytes.length > MOST_WAITING) {
      this.#lost += 1;
      return;
    }
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
    this.#flow();
  }

  flush(): void {
    const pause = new Int32Array(new SharedArrayBuffer(4));
    for (let waited = 0; this.#waiting.length > 0 && waited < LAST; waited += 5) {
      Atomics.wait(pause, 0, 0, 5);
      this.#flow();
    }
  }

  #flow(): void {
    clearTimeout(this.#timer);
    for (let bytes = this.#waiting[0]; bytes !== undefined; bytes = this.#waiting[0]) {
      const taken = this.#take(bytes);
      this.#bytes -= taken;
      if (taken === bytes.length) this.#waiting.shift();
      else if (taken > 0) this.#waiting[0] = bytes.subarray(taken);
      else break;
      if (this.#waiting.length === 0 && this.#lost > 0) {
        const lost = this.#lost;
        this.#lost = 0;
        this.#tellLost(lost);
      }
    }
    if (this.#waiting.length > 0) this.#timer = setTimeout(() => this.#flow(), RETRY).unref();
  }

  #take(bytes: Buffer): number {
    try {
      return this.#write(this.#fd, bytes);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Nobody reads this any more, and there is nobody to tell. Anything else may pass: a disk that is full (ENOSPC).
      if (code === "EPIPE" || code === "EBADF") {
        this.#closed = true;
        this.#waiting = [];
      }
      return 0;
    }
  }
}

/** A log, and the last moment of it. */
export interface LineLog {
  readonly log: Log;
  /** Gives the reader a moment for what still waits: the last thing before the process exits. */
  flush(): void;
}

/** Standard output, as a log. */
export function standardLog(clock: Pick<Clock, "wall">): LineLog {
  return lineLog(ownPipe(1) ?? 1, writeSync, clock);
}

/** A log that says itself which of its lines were lost. */
export function lineLog(fd: number, write: WriteTo, clock: Pick<Clock, "wall">): LineLog {
  const lines = new LineWriter(fd, write, (lost) =>
    log("WARNING", event.linesLost, `${count(lost, "line")} lost here: nobody read them in time`, { lines: lost }),
  );
  const log = jsonLog((line) => lines.write(line), clock);
  return { log, flush: () => lines.flush() };
}

/**
 * The same pipe opened once more, so that it can be made not to wait without the worker's being so. Only a pipe: a file
 * that is opened again has a position of its own, and one would overwrite the other; a socket cannot be opened again,
 * and is written to as it is.
 */
function ownPipe(fd: number): number | undefined {
  try {
    if (!fstatSync(fd).isFIFO()) return undefined;
    const again = openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
    if (fstatSync(again).ino === fstatSync(fd).ino) return again;
    closeSync(again);
    return undefined;
  } catch {
    // No /proc, or a pipe of another user's: then as it is.
    return undefined;
  }
}
