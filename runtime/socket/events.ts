import type { ServerResponse } from "node:http";
import type { CampaignEvent, Campaigns } from "../lease/campaigns.ts";
import type { Cancel, Millis } from "../ports.ts";
import { seconds } from "./answer.ts";

/**
 * Ours: some 1,000 lines that a worker has not read. It is stopped, or does not read its stream at all; with the stream
 * goes its claim, after the 10 s that a claim may be unwatched.
 */
const UNREAD_BYTES = 64 * 1024;

/** The streams that are open. */
export class EventStreams {
  readonly #open = new Map<ServerResponse, string>();

  /**
   * Writes what happens to a claim, a line an event, until the worker hangs up or the claim is over.
   *
   * @throws Refusal when there is nothing to watch; nothing is written then
   */
  open(campaigns: Campaigns, id: string, claimId: string, response: ServerResponse): void {
    let cancel: Cancel | undefined;
    const listener = (event: CampaignEvent, notAfter: Millis) => {
      if (response.destroyed || response.writableEnded) return;
      begin(response);
      response.write(`${JSON.stringify({ event, notAfter: seconds(notAfter) })}\n`);
      if (response.writableLength > UNREAD_BYTES) response.destroy();
    };
    // Before the watch begins: the worker may hang up while its first event is written.
    response.once("close", () => {
      this.#open.delete(response);
      cancel?.();
    });
    cancel = campaigns.watch(id, claimId, listener);
    begin(response);
    if (response.destroyed) cancel();
    else this.#open.set(response, claimId);
  }

  /** @param claimId of the claim that is over; without one, all streams end */
  end(claimId?: string): void {
    for (const [response, watched] of this.#open) if (claimId === undefined || watched === claimId) response.end();
  }
}

function begin(response: ServerResponse): void {
  if (response.headersSent) return;
  response.writeHead(200, { "content-type": "application/x-ndjson", "cache-control": "no-store" });
  response.flushHeaders();
}
