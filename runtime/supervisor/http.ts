import type { Millis } from "../ports.ts";

/** What a worker answered. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** Asks once, over a connection of its own. Rejects when there is no whole answer in time. */
export type HttpGet = (url: URL, timeout: Millis) => Promise<HttpAnswer>;
