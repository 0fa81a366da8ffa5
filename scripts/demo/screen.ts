import type { Paper } from "../../preview/report/layout.ts";
import { momentLine, picture, title } from "./picture.ts";
import type { Moment, Scene } from "./scene.ts";

export interface Screen {
  show(scene: Scene, moments: readonly Moment[]): void;
}

/** How often somebody who only gets lines hears how far the watch is, in seconds. */
const TELL_EVERY = 10;

export function screen(out: NodeJS.WriteStream, paper: Paper, told: string): Screen {
  return out.isTTY ? new Redrawn(out, paper, told) : new Lines(out, paper, told);
}

class Redrawn implements Screen {
  readonly #out: NodeJS.WriteStream;
  readonly #paper: Paper;
  readonly #told: string;
  #rows = 0;

  constructor(out: NodeJS.WriteStream, paper: Paper, told: string) {
    this.#out = out;
    this.#paper = paper;
    this.#told = told;
  }

  show(scene: Scene, moments: readonly Moment[]): void {
    // What scrolled out of the screen cannot be drawn again.
    const lines = picture(scene, moments, this.#told, this.#paper).slice(0, (this.#out.rows ?? 24) - 1);
    const up = this.#rows === 0 ? "" : `\x1b[${this.#rows}A`;
    // No wrapping meanwhile: a line is a row, however narrow the terminal is.
    this.#out.write(`${up}\r\x1b[?7l\x1b[J${lines.join("\n")}\n\x1b[?7h`);
    this.#rows = lines.length;
  }
}

class Lines implements Screen {
  readonly #out: NodeJS.WriteStream;
  readonly #paper: Paper;
  #shown = 0;
  #told = 0;

  constructor(out: NodeJS.WriteStream, paper: Paper, told: string) {
    this.#out = out;
    this.#paper = paper;
    out.write(`${title}\nOn ${told}.\n\n`);
  }

  show(scene: Scene, moments: readonly Moment[]): void {
    for (const moment of moments.slice(this.#shown)) this.#out.write(`${momentLine(moment, this.#paper)}\n`);
    this.#shown = moments.length;
    const unmoved = scene.still[0]?.unmovedSeconds ?? 0;
    const orphaned =
      scene.killedAt !== undefined &&
      scene.campaigns.some(({ owner, status }) => owner === "A" && status === "running");
    if (!orphaned || unmoved < this.#told + TELL_EVERY) return;
    this.#told = unmoved;
    const { dueInSeconds = 0 } = scene.still[0] ?? {};
    const text = `B has seen no heartbeat of A's campaign for ${unmoved} s; it takes over in ${dueInSeconds} s`;
    this.#out.write(`${momentLine({ at: scene.at, text, weighty: false }, this.#paper)}\n`);
  }
}
