import { event } from "../../domain/contract.ts";
import { messageOf } from "../message.ts";
import type { Clock, Log, Millis } from "../ports.ts";
import { Deadline } from "./deadline.ts";

/** Waits for the leases, and no longer: a database that is down must not keep a worker from its next start, or a container from its end. */
export async function answered(
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  answer: Promise<unknown> | undefined,
  within: Millis,
  exit: Deadline,
): Promise<void> {
  if (answer === undefined) return;
  const late = Deadline.in(clock, within);
  const problem = await Promise.race([
    answer.then(() => undefined, messageOf),
    late.passed.then(() => "no answer in time"),
    exit.passed.then(() => "no answer in time"),
  ]);
  late.cancel();
  if (problem === undefined) return;
  log("WARNING", event.leaseUnavailable, `nothing could be given back: ${problem}. The leases end by themselves.`);
}
