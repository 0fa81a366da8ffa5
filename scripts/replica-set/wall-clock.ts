/** A wall clock that can be put wrong while its process runs, by libfaketime. The monotonic clock stays the machine's. */
import { globSync, renameSync, writeFileSync } from "node:fs";

const places = ["/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib64/faketime/libfaketimeMT.so.1"];

function library(): string | undefined {
  return places.flatMap((place) => globSync(place))[0];
}

/** What this machine lacks, for people. */
export function wallClockMissing(): string | undefined {
  return library() === undefined ? "no libfaketime here (Debian: faketime)" : undefined;
}

export class WallClock {
  readonly #file: string;

  /** @param file its own, in a directory that is there */
  constructor(file: string) {
    this.#file = file;
    this.right();
  }

  /** Stands before the command whose clock it is. */
  get launch(): readonly string[] {
    return ["env", `LD_PRELOAD=${library()}`];
  }

  /** For the process whose clock it is, and what that starts. */
  get environment(): Readonly<Record<string, string>> {
    return {
      FAKETIME_TIMESTAMP_FILE: this.#file,
      // Seconds until it looks again.
      FAKETIME_CACHE_DURATION: "1",
      // Under its older name and its newer one. What the runtime and its worker agree on is CLOCK_MONOTONIC.
      DONT_FAKE_MONOTONIC: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      // What it mends by default for older C libraries makes a mongod's waits end at once: 40 % of a core for nothing (0.9.10).
      FAKETIME_FORCE_MONOTONIC_FIX: "0",
    };
  }

  right(): void {
    this.#set("+0");
  }

  /** @param seconds ahead of the right time, or behind it */
  jump(seconds: number): void {
    this.#set(`${seconds < 0 ? "" : "+"}${seconds}`);
  }

  /** @param rate how fast it goes, counted from the start of its process: 1.1 is 10 % too fast */
  run(rate: number): void {
    this.#set(`+0 x${rate}`);
  }

  /** Never half written: the process may read it at any time. */
  #set(text: string): void {
    writeFileSync(`${this.#file}.next`, `${text}\n`);
    renameSync(`${this.#file}.next`, this.#file);
  }
}
