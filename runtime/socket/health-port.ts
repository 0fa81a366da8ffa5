import { createServer } from "node:http";
import { send } from "./handler.ts";
import { type Probe, probes } from "./probe.ts";

export interface HealthPort {
  /** The port that is listened on: the one asked for, or the system's choice for 0. */
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Answers probes on a loopback port, for what cannot ask over the worker's socket: `/live` and `/ready`, and nothing
 * that would tell more.
 *
 * @throws Error when the port cannot be had
 */
export async function openHealthPort(port: number, probe: Probe): Promise<HealthPort> {
  const server = createServer((request, response) => {
    response.shouldKeepAlive = false;
    const answer = probes.get(request.url ?? "");
    if (answer === undefined) send(response, { status: 404 });
    else if (request.method !== "GET") send(response, { status: 405, headers: { allow: "GET" } });
    else send(response, answer(probe));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      const remedy = "Set AGENT_HEALTH_PORT to a free port above 1023, or leave it out.";
      reject(
        new Error(`AGENT_HEALTH_PORT: nothing can listen on 127.0.0.1:${port}: ${cause.message}. ${remedy}`, { cause }),
      );
    });
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
