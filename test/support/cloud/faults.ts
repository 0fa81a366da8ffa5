/** Faults on demand: the next call that fits goes wrong, once. */
import type { Call } from "./cloud.ts";

/**
 * - `error`: Google answers with an error, and has done nothing
 * - `lost reply`: Google has done it, and the answer does not arrive
 * - `held`: the call stays under way until `release` is called
 */
export type FaultKind = "error" | "lost reply" | "held";

export interface Fault {
  /** Resolves when the call has come. */
  readonly met: Promise<Call>;
  /** Ends a held call, which then goes on as if nothing had been. */
  readonly release: () => void;
}

interface Awaited {
  readonly kind: FaultKind;
  readonly fits: (call: Call) => boolean;
  readonly meet: (call: Call) => void;
  readonly released: Promise<void>;
}

export class Faults {
  readonly #awaited: Awaited[] = [];

  next(kind: FaultKind, fits: Partial<Call>): Fault {
    const met = Promise.withResolvers<Call>();
    const released = Promise.withResolvers<void>();
    this.#awaited.push({
      kind,
      fits: (call) => Object.entries(fits).every(([key, value]) => call[key as keyof Call] === value),
      meet: met.resolve,
      released: released.promise,
    });
    return { met: met.promise, release: released.resolve };
  }

  /** Does a call, or lets it go wrong. @throws where the caller is to see an error */
  async through<Answer>(call: Call, act: () => Answer): Promise<Answer> {
    const index = this.#awaited.findIndex(({ fits }) => fits(call));
    const [fault] = index < 0 ? [] : this.#awaited.splice(index, 1);
    if (fault === undefined) return act();
    fault.meet(call);
    if (fault.kind === "error") throw new Error("googleapi: Error 403: Quota exceeded for quota metric");
    if (fault.kind === "held") await fault.released;
    const answer = act();
    if (fault.kind === "lost reply") throw new Error("Post: read tcp: connection reset by peer");
    return answer;
  }
}
