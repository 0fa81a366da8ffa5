import { chmod } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import type { Clock, Log, Millis } from "../ports.ts";
import { socketDirectory } from "./directory.ts";
import { EventStreams } from "./events.ts";
import { handle, refuseUnreadable } from "./handler.ts";
import type { Subject } from "./routes.ts";

export interface SocketParts extends Subject {
  readonly clock: Clock;
  readonly log: Log;
  /** Where the socket's own directory is made; the system's directory for temporary files by default. */
  readonly parent?: string;
}

/** The worker's socket, while it is open. */
export interface WorkerSocket {
  /** What AGENT_RUNTIME_SOCKET is to say. */
  readonly path: string;
  /** Takes no more calls, ends the streams, lets calls that run be answered for half a second, removes the socket. */
  close(): Promise<void>;
}

/** Ours: calls that still run then are repeated by nobody, and the grace period is short. */
const CLOSING: Millis = 500;

/** Ours: over a Unix socket a request is there at once. Milliseconds of Node's own clock. */
const REQUEST_TIMEOUT = 30_000;

/** Opens the worker's socket: HTTP with JSON over a Unix socket, a thin layer over the container's campaigns. */
export async function openSocket(parts: SocketParts): Promise<WorkerSocket> {
  const { clock } = parts;
  const directory = await socketDirectory(parts.parent ?? tmpdir(), clock);
  const streams = new EventStreams();
  const handled = { ...parts, streams };
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT }, (request, response) => {
    void handle(handled, request, response);
  });
  server.on("clientError", refuseUnreadable);
  try {
    await listening(server, directory.path);
    await chmod(directory.path, 0o600);
  } catch (error) {
    await directory.remove();
    throw error;
  }
  return {
    path: directory.path,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      streams.end();
      const cancel = clock.after(CLOSING, () => server.closeAllConnections());
      await closed;
      cancel();
      await directory.remove();
    },
  };
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
