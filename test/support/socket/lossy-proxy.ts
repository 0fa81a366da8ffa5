import { rmSync } from "node:fs";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";

export interface LossyProxy {
  readonly path: string;
  /** How many answers were lost. */
  readonly lost: number;
  close(): void;
}

/** What a request meets: its answer is lost after the work was done, it never arrives, or it goes through. */
export type Mishap = "answer lost" | "request lost" | undefined;

/**
 * A way to a socket on which connections break.
 *
 * @param mishap asked once for each call; a stream is cut after its first line where it says so
 */
export async function lossyProxy(path: string, to: string, mishap: (call: string) => Mishap): Promise<LossyProxy> {
  let lost = 0;
  const server = createServer((incoming, outgoing) => {
    const call = `${incoming.method} ${incoming.url}`;
    const fate = mishap(call);
    // A destroyed exchange is what this is about.
    incoming.on("error", () => {});
    outgoing.on("error", () => {});
    if (fate === "request lost") {
      lost += 1;
      incoming.socket.destroy();
      return;
    }
    forward(incoming, outgoing, to, () => {
      if (fate === undefined) return true;
      lost += 1;
      incoming.socket.destroy();
      return false;
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path,
    get lost() {
      return lost;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
      rmSync(path, { force: true });
    },
  };
}

/** @param passes asked when the work is done, as its answer comes */
function forward(incoming: IncomingMessage, outgoing: ServerResponse, socketPath: string, passes: () => boolean): void {
  const { method, url: path, headers } = incoming;
  const sent = request({ socketPath, method, path, headers, agent: false }, (response) => {
    response.on("error", () => outgoing.destroy());
    const streams = response.headers["content-type"] === "application/x-ndjson";
    if (streams) {
      outgoing.writeHead(response.statusCode ?? 0, response.headers);
      response.pipe(outgoing);
      response.once("data", passes);
      return;
    }
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("end", () => {
      if (!passes()) return;
      outgoing.writeHead(response.statusCode ?? 0, response.headers);
      outgoing.end(Buffer.concat(chunks));
    });
  });
  sent.on("error", () => outgoing.destroy());
  outgoing.on("close", () => sent.destroy());
  incoming.pipe(sent);
}
