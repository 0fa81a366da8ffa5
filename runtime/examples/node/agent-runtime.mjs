/**
 * The worker's socket for a worker in Node, to be copied: nothing but what comes with Node 22 or later. It keeps every
 * rule of docs/worker-socket.md. A worker that needs no process of its own can use the library instead (docs/runtime.md).
 */
import { randomUUID } from "node:crypto";
import { request } from "node:http";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

/** Seconds for one try of a call: longer than the runtime waits for its database. */
const TRY = 30;
/** Seconds for which a call is repeated, at least; one about a campaign is repeated for as long as it may be ours. */
const PATIENCE = 60;
/** Seconds more: past that time the runtime says by itself that the campaign is lost, also without its database. */
const MARGIN = 5;
/** Seconds without the socket, after which a worker that may no longer act ends. */
const SOCKET_GONE = 15;

/** The campaign is not ours any more: stop everything that acts for it. */
export class Lost extends Error {}
/** No new effects: the container is ending. What is not begun stays for another one. */
export class Draining extends Error {}
/** The runtime will not do this call, however often it is repeated. */
export class Refused extends Error {}

/** In seconds of CLOCK_MONOTONIC, the clock that `notAfter` is of. */
function now() {
  return Number(process.hrtime.bigint()) / 1e9;
}

const socketPath = process.env.AGENT_RUNTIME_SOCKET;
if (!socketPath) throw new Error("AGENT_RUNTIME_SOCKET is not set: start this worker with `agent-runtime -- …`");

/** @returns the response, once it begins */
function send(method, path, signal, body) {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json" };
    const sent = request({ socketPath, method, path, headers, signal, agent: false }, resolve);
    sent.once("error", reject);
    sent.end(body && JSON.stringify(body));
  });
}

/**
 * One call, repeated as it is while there is no answer, or one that says to repeat it.
 *
 * @param until the time of `now()` to which it is repeated at least
 * @returns the answer's fields, and its status
 * @throws when there is no runtime that answers at all
 */
async function post(path, body, until = () => 0) {
  const start = now();
  for (let wait = 0.05; ; wait = Math.min(2 * wait, 2)) {
    let answer;
    let problem;
    try {
      const response = await send("POST", path, AbortSignal.timeout(TRY * 1000), body);
      const text = (await response.setEncoding("utf8").toArray()).join("");
      answer = { ...(text === "" ? {} : JSON.parse(text)), status: response.statusCode };
    } catch (error) {
      problem = error;
    }
    if (answer?.status < 500) return answer;
    if (now() + wait > Math.max(start + PATIENCE, until() + MARGIN)) {
      if (answer !== undefined) return answer;
      throw new Error(`the runtime did not answer ${path}`, { cause: problem });
    }
    await pause(wait * 1000);
  }
}

let stopping = false;

/** No new campaigns and no new effects. What runs is finished. */
export function stop() {
  stopping = true;
}

/**
 * Campaigns to work on, until the container ends: one after another, or, if the work on one is not waited for, as many
 * at once as AGENT_CAPACITY allows.
 *
 * @param every seconds until it is asked again when there is none
 */
export async function* campaigns(every = 5) {
  let requestId = randomUUID();
  while (!stopping) {
    const answer = await post("/v1/campaigns/next", { requestId });
    // A request without an answer may have been done: asked again with its own id, the runtime says so.
    if (answer.status < 500) requestId = randomUUID();
    if (answer.status === 200) yield new Campaign(answer);
    else if (answer.status === 400) throw new Refused(answer.message);
    else if (answer.error === "draining") stop();
    else if (answer.status !== 410) for (let waited = 0; waited < every && !stopping; waited += 0.1) await pause(100);
  }
}

/** A campaign in our hands. */
export class Campaign {
  #path;
  #claimId;
  #notAfter;
  /** An effect that was begun and not resolved: by an owner before us, or by us. */
  #open;
  #heard = now();
  #lost = new AbortController();
  #over = new AbortController();

  /** @param claim as the runtime answered it */
  constructor({ id, claimId, cursor, ambiguous, notAfter }) {
    this.id = id;
    /** The next step to do, from 0. Those before it are done. */
    this.cursor = cursor;
    this.#path = `/v1/campaigns/${encodeURIComponent(id)}`;
    this.#claimId = claimId;
    this.#notAfter = notAfter;
    this.#open = ambiguous;
    this.#listen();
    this.#mindTheTime();
  }

  /** Aborts when nothing may act for the campaign any more: hang up what runs, and return within 5 seconds. */
  get lost() {
    return this.#lost.signal;
  }

  /**
   * Works on it to the end, and says how that was: completed, or given back when `work` throws. Unless it was told to stop,
   * that counts as a death of the campaign's worker: one that fails again and again comes last, and is set aside in the end.
   *
   * @param lookUp what became of an effect whose worker died, by its attempt's id: "done", "unknown", or "absent" when
   *   it is certain that nothing happened and nothing will. It is then done again
   * @param work the steps from `cursor` on
   */
  async run(lookUp, work) {
    try {
      if (this.#open) await this.step(await lookUp(this.#open.attemptId, this.#open.effect));
      await work();
      await this.#call("complete");
    } catch (problem) {
      const told = this.lost.aborted || problem instanceof Draining;
      await this.#giveBack(!(told || stopping)).catch(console.error);
      if (!told) throw problem;
    } finally {
      this.#over.abort();
    }
  }

  /**
   * Before each effect on the outside. Do it at once, with the answer as its own idempotency key.
   *
   * @param effect what kind, as "dial": nothing about patients
   * @returns the attempt's id
   * @throws Lost, Draining
   */
  async begin(effect) {
    if (stopping) throw new Draining("no new effects");
    for (;;) {
      const { attemptId } = await this.#call("begin", { cursor: this.cursor, effect });
      this.#open = { attemptId, effect };
      // The answer may have been long in coming, or this process have stood still: the same call says how things are.
      if (now() < this.#notAfter) return attemptId;
    }
  }

  /** @param outcome of the effect: "done", "absent" or "unknown" */
  async step(outcome) {
    const { cursor } = await this.#call("step", { cursor: this.cursor, outcome });
    this.cursor = cursor;
    this.#open = undefined;
  }

  /** @param crashed whether the work failed by itself */
  async #giveBack(crashed) {
    const claim = { claimId: this.#claimId };
    const release = () => post(`${this.#path}/release`, claim, () => this.#notAfter);
    const released = !crashed && !this.#open && !this.lost.aborted && (await release()).status === 204;
    // Whatever was begun and not resolved stays so, for the next owner to look up; also what was begun by a call that
    // got no answer, and of which only the runtime knows.
    if (!released) await post(`${this.#path}/stopped`, crashed ? { ...claim, crashed } : claim);
  }

  async #call(name, fields) {
    if (this.lost.aborted) throw new Lost("the campaign is not ours any more");
    const answer = await post(`${this.#path}/${name}`, { claimId: this.#claimId, ...fields }, () => this.#notAfter);
    if (answer.status === 410) {
      this.#lost.abort();
      throw new Lost(answer.message);
    }
    if (answer.error === "draining") {
      stop();
      throw new Draining(answer.message);
    }
    if (answer.status >= 400) throw new Refused(answer.message);
    this.#renew(answer);
    return answer;
  }

  #renew({ notAfter = 0 }) {
    this.#notAfter = Math.max(this.#notAfter, notAfter);
  }

  /** The claim lives as long as this stream: opened again whenever it breaks off. */
  async #listen() {
    const path = `${this.#path}/events?claimId=${encodeURIComponent(this.#claimId)}`;
    while (!this.#over.signal.aborted && !this.lost.aborted) {
      try {
        const response = await send("GET", path, this.#over.signal);
        this.#heard = now();
        if (response.statusCode === 410) this.#lost.abort();
        if (response.statusCode !== 200) response.resume();
        else for await (const line of createInterface(response)) this.#hear(JSON.parse(line));
      } catch {
        // How long there is no stream, `#mindTheTime` sees.
      }
      await pause(500, undefined, { ref: false });
    }
  }

  #hear({ event, notAfter }) {
    this.#heard = now();
    if (event === "fenced") {
      this.#lost.abort();
      return;
    }
    this.#renew({ notAfter });
    if (event === "draining" || event === "closing") stop();
  }

  async #mindTheTime() {
    // Twice late: a process that was stopped first reads what came in meanwhile.
    for (let late = 0; !this.#over.signal.aborted; await pause(500, undefined, { ref: false })) {
      late = now() < this.#notAfter ? 0 : late + 1;
      if (late < 2) continue;
      this.#lost.abort();
      if (now() - this.#heard <= SOCKET_GONE) continue;
      console.error("the runtime is gone: nobody can say any more whose the campaigns are, and this worker ends");
      process.exit(70);
    }
  }
}
