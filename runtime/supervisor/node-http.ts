import type { HttpGet } from "./http.ts";

/** A worker's answer about itself is a few hundred bytes. Whatever writes more is not one. */
const MOST_BYTES = 65_536;

/**
 * Asks over a new connection each time: one that is kept would be answered by a process that takes no new ones, and one
 * that the worker closes meanwhile would look like a worker that does not answer.
 */
export const httpGet: HttpGet = async (url, timeout) => {
  // Loaded at the first question, ten seconds after the worker's start, which they would delay.
  const { get } = await (url.protocol === "https:" ? import("node:https") : import("node:http"));
  return await new Promise((resolve, reject) => {
    const request = get(url, { agent: false, signal: AbortSignal.timeout(timeout) }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        body += part;
        if (body.length > MOST_BYTES) request.destroy(new Error(`more than ${MOST_BYTES} characters`));
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      response.on("error", reject);
    });
    // A 101 is an answer too; what would follow it is not HTTP.
    request.on("upgrade", ({ statusCode = 0 }, socket) => {
      socket.destroy();
      resolve({ status: statusCode, body: "" });
    });
    request.on("error", reject);
  });
};
