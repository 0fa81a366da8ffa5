import { existsSync, readFileSync } from "node:fs";
import { type Call, type Moment, momentsBetween, type Scene, type SeenCampaign } from "./scene.ts";
import type { Screen } from "./screen.ts";
import type { Actor, Name, Stage } from "./stage.ts";
import type { Told } from "./verdict.ts";

const LOOK_EVERY_MS = 200;
/** Into the call in which A is killed. */
const INTO_CALL_MS = 1_000;
/** A story that is not over by then has gone wrong, in seconds. */
const LONGEST = 110;

/** The story went another way than it can. */
export class StoryError extends Error {}

/** Plays the story to its end. @throws StoryError, or the reason of `stop` */
export class Story {
  readonly #stage: Stage;
  readonly #screen: Screen;
  readonly #effects: string;
  readonly #stop: AbortSignal;
  readonly #began = performance.now();
  readonly #actors = new Map<Name, Actor>();
  readonly #moments: Moment[] = [];
  #scene: Scene = { at: 0, campaigns: [], calls: [], killedAt: undefined, still: [] };
  #killedAt: number | undefined;

  constructor(stage: Stage, screen: Screen, effects: string, stop: AbortSignal) {
    this.#stage = stage;
    this.#screen = screen;
    this.#effects = effects;
    this.#stop = stop;
  }

  async play(): Promise<Told> {
    const a = this.#enter("A");
    await this.#until(({ campaigns }) => campaigns.some(({ owner }) => owner === "A"));
    this.#enter("B");
    await this.#until(({ campaigns, calls }) => campaigns.every(({ owner }) => owner) && callsOf("A", calls) === 2);
    await pause(INTO_CALL_MS, this.#stop);
    await this.#look();
    const open = this.#campaignOf("A")?.open;
    a.kill();
    this.#killedAt = this.#now;
    this.#note(
      "A is killed in that call, with everything in it: kill -9. Was the patient called? Its record does not say",
    );
    const orphan = this.#campaignOf("A")?.id;
    await this.#until(({ campaigns }) => campaigns.every(({ id, owner }) => id !== orphan || owner === "B"));
    const takenOverAt = this.#now;
    const { campaigns, calls } = await this.#until(({ campaigns }) =>
      campaigns.every(({ status }) => status === "completed"),
    );
    return {
      calls,
      killedAt: this.#killedAt,
      takenOverAt,
      open: open === undefined || orphan === undefined ? undefined : { campaign: orphan, cursor: open.cursor },
      statuses: Object.fromEntries(campaigns.map(({ id, status }) => [id, status])),
    };
  }

  get #now(): number {
    return (performance.now() - this.#began) / 1000;
  }

  #enter(name: Name): Actor {
    const actor = this.#stage.start(name);
    this.#actors.set(name, actor);
    this.#note(`container ${name} starts: the runtime, and below it a worker`);
    return actor;
  }

  #note(text: string): void {
    this.#moments.push({ at: this.#now, text, weighty: true });
  }

  #campaignOf(name: Name): SeenCampaign | undefined {
    return this.#scene.campaigns.find(({ owner }) => owner === name);
  }

  /** Looks and shows, until it is so. */
  async #until(so: (scene: Scene) => boolean): Promise<Scene> {
    for (;;) {
      const scene = await this.#look();
      if (so(scene)) return scene;
      this.#goesOn();
      await pause(LOOK_EVERY_MS, this.#stop);
    }
  }

  #goesOn(): void {
    for (const [name, { over, lastLines }] of this.#actors) {
      if (!over || (name === "A" && this.#killedAt !== undefined)) continue;
      throw new StoryError(`container ${name} ended by itself:\n${lastLines.map((line) => `  ${line}`).join("\n")}`);
    }
    if (this.#now > LONGEST) throw new StoryError(`the story was not over in ${LONGEST} s`);
  }

  async #look(): Promise<Scene> {
    const [records, still] = await Promise.all([this.#stage.campaigns(), this.#actors.get("B")?.still() ?? []]);
    const scene: Scene = {
      at: this.#now,
      campaigns: records.map(({ id, status, lease, resume }) => ({
        id,
        status,
        owner: this.#nameOf((actor) => actor.containerId === lease.owner),
        epoch: lease.epoch,
        cursor: resume.cursor,
        open: resume.open,
        heartbeatAge: lease.hbAt && Math.max(0, (Date.now() - lease.hbAt.getTime()) / 1000),
      })),
      calls: this.#calls(),
      killedAt: this.#killedAt,
      still,
    };
    this.#moments.push(...momentsBetween(this.#scene, scene));
    this.#scene = scene;
    this.#screen.show(scene, this.#moments);
    return scene;
  }

  #nameOf(is: (actor: Actor) => boolean): Name | undefined {
    return [...this.#actors].find(([, actor]) => is(actor))?.[0];
  }

  #calls(): readonly Call[] {
    if (!existsSync(this.#effects)) return [];
    const lines = readFileSync(this.#effects, "utf8")
      .split("\n")
      .filter((line) => line !== "");
    return lines.map((line) => {
      const { campaign, cursor, attempt, pid } = JSON.parse(line) as Omit<Call, "by"> & { readonly pid: number };
      return { campaign, cursor, attempt, by: this.#nameOf(({ workers }) => workers.has(pid)) };
    });
  }
}

function callsOf(name: Name, calls: readonly Call[]): number {
  return calls.filter(({ by }) => by === name).length;
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (stop.aborted) reject(stop.reason);
    const timer = setTimeout(() => {
      stop.removeEventListener("abort", end);
      resolve();
    }, ms);
    const end = () => {
      clearTimeout(timer);
      reject(stop.reason);
    };
    stop.addEventListener("abort", end, { once: true });
  });
}
