import type { Campaigns, Held, HeldState } from "../../../runtime/lease/campaigns.ts";
import type { Cancel } from "../../../runtime/ports.ts";

type Script = { [Name in keyof Campaigns]?: Campaigns[Name] };

/** Campaigns that do what a test says and note what they were asked. */
export class ScriptedCampaigns implements Campaigns {
  /** What to do, by the name of the call. */
  script: Script = {};
  readonly calls: (readonly unknown[])[] = [];

  claim(...call: Parameters<Campaigns["claim"]>): Promise<Held> {
    return this.#do("claim", call);
  }
  next(...call: Parameters<Campaigns["next"]>): Promise<Held | undefined> {
    return this.#do("next", call);
  }
  begin(...call: Parameters<Campaigns["begin"]>): ReturnType<Campaigns["begin"]> {
    return this.#do("begin", call);
  }
  step(...call: Parameters<Campaigns["step"]>): ReturnType<Campaigns["step"]> {
    return this.#do("step", call);
  }
  end(...call: Parameters<Campaigns["end"]>): Promise<void> {
    return this.#do("end", call);
  }
  stopped(...call: Parameters<Campaigns["stopped"]>): Promise<void> {
    return this.#do("stopped", call);
  }
  watch(...call: Parameters<Campaigns["watch"]>): Cancel {
    return this.#do("watch", call);
  }
  list(): readonly HeldState[] {
    return this.#do("list", []);
  }

  #do<Name extends keyof Campaigns>(name: Name, call: Parameters<Campaigns[Name]>): ReturnType<Campaigns[Name]> {
    this.calls.push([name, ...call]);
    const answer = this.script[name] as ((...call: unknown[]) => ReturnType<Campaigns[Name]>) | undefined;
    if (answer === undefined) throw new Error(`nobody said what ${name} does`);
    return answer(...call);
  }
}

/** A claim as the runtime hands it out, with what matters to a test. */
export function held(fields: Partial<Held> = {}): Held {
  return {
    id: "spring",
    claimId: "claim-1",
    epoch: 1,
    cursor: 0,
    resumed: false,
    ambiguous: undefined,
    notAfter: 105_000,
    ...fields,
  };
}
