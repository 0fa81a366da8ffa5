import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { createInterface } from "node:readline";

export interface Exchanged {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** The body, where it is JSON. */
  readonly body: unknown;
}

/** One request over a Unix socket. @param body sent as it is when it is a text or bytes, as JSON otherwise */
export async function exchange(socketPath: string, call: string, body?: unknown): Promise<Exchanged> {
  const response = await responded(send(socketPath, call, body));
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const json = response.headers["content-type"] === "application/json";
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text,
    body: json && text !== "" ? JSON.parse(text) : undefined,
  };
}

/** Sends a request, and leaves the rest to the test. */
export function send(socketPath: string, call: string, body?: unknown): ClientRequest {
  const [method = "", path = ""] = call.split(" ");
  const sent = request({ socketPath, method, path, agent: false });
  const asItIs = body === undefined || typeof body === "string" || body instanceof Uint8Array;
  sent.end(asItIs ? body : JSON.stringify(body));
  return sent;
}

export function responded(sent: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.once("response", resolve);
    sent.once("error", reject);
  });
}

export interface Lines {
  readonly status: number;
  /** The next line, or undefined after the last. */
  next(): Promise<unknown>;
  hangUp(): void;
}

/** Opens a stream of JSON lines. */
export async function lines(socketPath: string, path: string): Promise<Lines> {
  const sent = send(socketPath, `GET ${path}`);
  const response = await responded(sent);
  // Hanging up is what some tests are about.
  response.on("error", () => {});
  const read = createInterface({ input: response })[Symbol.asyncIterator]();
  return {
    status: response.statusCode ?? 0,
    next: async () => {
      const { value, done } = await read.next();
      return done ? undefined : JSON.parse(value as string);
    },
    hangUp: () => sent.destroy(),
  };
}
