import { event } from "../../domain/contract.ts";
import { tellMistake } from "../mistake.ts";
import type { Clock, Log, Millis } from "../ports.ts";
import { within } from "../waiting.ts";
import type { Deadline } from "./deadline.ts";

/** Waits for the leases, and no longer: a database that is down must not keep a worker from its next start, or a container from its end. */
export async function answered(
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  answer: Promise<unknown> | undefined,
  time: Millis,
  exit: Deadline,
): Promise<void> {
  if (answer === undefined) return;
  const told = answer.then(
    () => true,
    (error: unknown) => {
      tellMistake(log, "leases", error);
      return true;
    },
  );
  const answeredInTime = await within(clock, time, Promise.race([told, exit.passed.then(() => undefined)]));
  if (answeredInTime) return;
  log("WARNING", event.leaseUnavailable, "nothing could be given back in time. The leases end by themselves.");
}
