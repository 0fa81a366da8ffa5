import { messageOf } from "../message.ts";
import type { Cancel, Clock, Millis } from "../ports.ts";
import type { HttpAnswer, HttpGet } from "./http.ts";

/** Between two questions, and while calls are being finished. Ours. */
const PROBE_EVERY: Millis = 10_000;
const PROBE_WHILE_DRAINING: Millis = 1000;

/** Ours: on the same machine a worker that can answer answers at once. */
const ANSWER_TIMEOUT: Millis = 5000;

/**
 * How long a worker without calls may be unhealthy, and any worker not answer: LiveKit's own watchdog gives its job
 * processes as long.
 * With the interval and an answer's time a worker that hangs is killed within 90 s.
 */
const UNHEALTHY_FOR: Millis = 60_000;

/** No answer for longer than this was the runtime's own absence: stopped, or moved to another machine. */
const OWN_GAP: Millis = 3 * PROBE_EVERY;

/** What is wrong with a worker. */
export interface Fault {
  /** What it answered last: a status, or why there was no answer. */
  readonly answer: string;
  readonly since: Millis;
}

export interface HealthParts {
  readonly clock: Clock;
  readonly get: HttpGet;
  /** Called once each time that it has been unhealthy for too long, and is left alone for the sake of its calls. */
  readonly spared: (fault: Fault) => void;
}

/**
 * A worker's health by its own word: LiveKit's agents answer on port 8081, `/` with 200 or 503 and `/worker` with their
 * number of calls. The answer comes from the loop that serves the calls: a worker that hangs gives none.
 *
 * Judged from its first 200 on: a worker that has no such thing, or is still starting, is never unhealthy. One that
 * answers, and has calls, is never failed: LiveKit's answer 503 while they cannot take new calls, and go on with those
 * that they have.
 */
export class WorkerHealth {
  /** Once it has been unhealthy for too long, and is to be killed. */
  readonly failed: Promise<Fault>;
  readonly #clock: Clock;
  readonly #get: HttpGet;
  readonly #spared: (fault: Fault) => void;
  readonly #url: URL;
  #fail: (fault: Fault) => void = () => {};
  #cancel: Cancel = () => {};
  #over = false;
  #draining = false;
  #probing = false;
  #judged = false;
  #faultSince: Millis | undefined;
  #silentSince: Millis | undefined;
  #told = false;
  #lastProbe: Millis;
  #calls: number | undefined;

  constructor({ clock, get, spared }: HealthParts, url: URL) {
    this.#clock = clock;
    this.#get = get;
    this.#spared = spared;
    this.#url = url;
    this.#lastProbe = clock.monotonic();
    this.failed = new Promise((resolve) => {
      this.#fail = resolve;
    });
    this.#next();
  }

  /** How many calls it has, by its last answer; undefined when it has never said so. */
  get calls(): number | undefined {
    return this.#calls;
  }

  /** `unknown` until the first 200. */
  get state(): "unknown" | "healthy" | "unhealthy" {
    if (!this.#judged) return "unknown";
    return this.#faultSince === undefined ? "healthy" : "unhealthy";
  }

  /** Since when it has been unhealthy, on the monotonic clock. */
  get faultSince(): Millis | undefined {
    return this.#faultSince;
  }

  /** It is ending: not judged any more, and asked for its calls more often. */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    if (this.#probing || this.#over) return;
    this.#cancel();
    void this.#probe();
  }

  /** The machine was moved: what was seen before does not count. */
  forget(): void {
    this.#faultSince = undefined;
    this.#silentSince = undefined;
    this.#told = false;
  }

  stop(): void {
    this.#over = true;
    this.#cancel();
  }

  #next(): void {
    if (this.#over) return;
    const delay = this.#draining ? PROBE_WHILE_DRAINING : PROBE_EVERY;
    this.#cancel = this.#clock.after(delay, () => void this.#probe());
  }

  async #probe(): Promise<void> {
    const asked = this.#clock.monotonic();
    const absent = asked - this.#lastProbe > OWN_GAP;
    this.#lastProbe = asked;
    if (absent) this.forget();
    this.#probing = true;
    await this.#look(asked);
    this.#probing = false;
    this.#next();
  }

  async #look(asked: Millis): Promise<void> {
    const answer = await this.#ask(this.#url);
    if (typeof answer !== "string") {
      this.#silentSince = undefined;
      await this.#askCalls();
    }
    if (typeof answer !== "string" && answer.status === 200) {
      this.#judged = true;
      this.forget();
    } else if (typeof answer === "string") {
      this.#silentSince ??= asked;
      this.#judge(asked, answer);
    } else {
      this.#judge(asked, `status ${answer.status}`);
    }
  }

  /** Why there was none, where there was no answer. */
  async #ask(url: URL): Promise<HttpAnswer | string> {
    try {
      return await this.#get(url, ANSWER_TIMEOUT);
    } catch (error) {
      return `no answer (${messageOf(error)})`;
    }
  }

  async #askCalls(): Promise<void> {
    const answer = await this.#ask(new URL("/worker", this.#url));
    if (typeof answer !== "string" && answer.status === 200) this.#calls = callsIn(answer.body) ?? this.#calls;
  }

  #judge(asked: Millis, answer: string): void {
    if (!this.#judged || this.#over || this.#draining) return;
    this.#faultSince ??= asked;
    const tooLong = (since: Millis | undefined): since is Millis =>
      since !== undefined && this.#clock.monotonic() - since >= UNHEALTHY_FOR;
    if (!tooLong(this.#faultSince)) return;
    const fault = { answer, since: this.#faultSince };
    if ((this.#calls ?? 0) === 0 || tooLong(this.#silentSince)) {
      this.stop();
      this.#fail(fault);
    } else if (!this.#told) {
      this.#told = true;
      this.#spared(fault);
    }
  }
}

/** The field of LiveKit's answer; a worker of another kind may answer anything. */
function callsIn(body: string): number | undefined {
  try {
    const { active_jobs: calls } = JSON.parse(body) as { readonly active_jobs?: unknown };
    return typeof calls === "number" && Number.isInteger(calls) && calls >= 0 ? calls : undefined;
  } catch {
    return undefined;
  }
}
