import { event } from "../../domain/contract.ts";
import { messageOf } from "../message.ts";
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
    () => "given back" as const,
    (error) => ({ problem: messageOf(error) }),
  );
  const first = await within(clock, time, Promise.race([told, exit.passed.then(() => undefined)]));
  if (first === "given back") return;
  const { problem } = first ?? { problem: "no answer in time" };
  log("WARNING", event.leaseUnavailable, `nothing could be given back: ${problem}. The leases end by themselves.`);
}
