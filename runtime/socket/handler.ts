import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { type Finding, quoted } from "../../domain/findings.ts";
import type { Log } from "../ports.ts";
import { type Answer, answerOf, BadCall, invalid } from "./answer.ts";
import { jsonBody } from "./body.ts";
import type { EventStreams } from "./events.ts";
import { fieldsOf, idFindings } from "./fields.ts";
import { type Call, type Found, routesAt, type Stream, type Subject } from "./routes.ts";

export interface Handled extends Subject {
  readonly log: Log;
  readonly streams: EventStreams;
}

/** Answers one request, whatever happens. */
export async function handle(handled: Handled, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // A connection a call: there is no idle one that could be closed just when the next call is sent.
  response.shouldKeepAlive = false;
  try {
    await answer(handled, request, response);
  } catch (problem) {
    send(response, answerOf(problem, callOf(request), handled.log));
  }
}

/** Answers one request, or throws what it is to be answered with. */
async function answer(handled: Handled, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = "", search = ""] = (request.url ?? "").split(/\?(.*)/s, 2);
  const { route, id } = routeOf(request, path);
  if (route.kind === "look") {
    send(response, route.answer(handled));
    return;
  }
  if (route.kind === "stream") {
    const { claimId } = whole(pathFindings(route, id), fieldsOf(route.fields, queryOf(search), "query"));
    handled.streams.open(handled.campaigns, id as string, claimId as string, response);
    return;
  }
  const body = await jsonBody(request);
  if (body === undefined) return;
  const findings = [...pathFindings(route, id), ...(search === "" ? [] : [unexpectedQuery])];
  const fields = whole(findings, "findings" in body ? body : fieldsOf(route.fields, body.value, "body"));
  // The worker may hang up from here on: what was asked for is done all the same, and repeating the call tells.
  send(response, await route.answer(handled.campaigns, id as string, fields as never));
  if (route.ends) handled.streams.end(fields.claimId as string);
}

function routeOf(request: IncomingMessage, path: string): Found {
  const found = routesAt(path);
  const match = found.find(({ route }) => route.method === request.method);
  if (match !== undefined) return match;
  request.resume();
  const methods = found.map(({ route }) => route.method).join(", ");
  if (methods === "") {
    const message = `${quoted(path)} is no path of the worker's socket (docs/worker-socket.md lists them)`;
    throw new BadCall({ status: 404, body: { error: "route", message } });
  }
  const message = `${request.method} is not how ${quoted(path)} is called; ${methods} is`;
  throw new BadCall({ status: 405, headers: { allow: methods }, body: { error: "method", message } });
}

const unexpectedQuery: Finding = { path: "query", problem: "is not part of this call.", remedy: "Leave it out." };

function pathFindings(route: Call | Stream, id: string | undefined): readonly Finding[] {
  return route.path.includes("{id}") ? idFindings(id) : [];
}

/** The fields of a call with which nothing is wrong. @throws BadCall with everything that is */
function whole(
  findings: readonly Finding[],
  read: { readonly fields: unknown } | { readonly findings: readonly Finding[] },
): Readonly<Record<string, unknown>> {
  const all = [...findings, ...("findings" in read ? read.findings : [])];
  if (all.length > 0 || "findings" in read) throw invalid(all);
  return read.fields as Readonly<Record<string, unknown>>;
}

/** A parameter that is given twice becomes a list, which no field is. */
function queryOf(search: string): Readonly<Record<string, unknown>> {
  const parameters = new URLSearchParams(search);
  const entries = [...new Set(parameters.keys())].map((name) => {
    const values = parameters.getAll(name);
    return [name, values.length === 1 ? values[0] : values];
  });
  return Object.fromEntries(entries);
}

export function send(response: ServerResponse, { status, body, headers }: Answer): void {
  if (response.destroyed || response.headersSent) {
    response.destroy();
    return;
  }
  const text = body === undefined ? undefined : `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    ...headers,
    "cache-control": "no-store",
    ...(text === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
  });
  response.end(text);
}

/** What Node cannot read as HTTP gets an answer too, in the words of the others. */
export function refuseUnreadable(problem: NodeJS.ErrnoException, connection: Duplex): void {
  if (problem.code === "ECONNRESET" || !connection.writable) {
    connection.destroy();
    return;
  }
  const { status, body } = invalid([
    { path: "request", problem: "is not HTTP/1.1 as this socket reads it.", remedy: "Use an HTTP client." },
  ]).answer;
  connection.end(
    `HTTP/1.1 ${status} Bad Request\r\nconnection: close\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(body)}\n`,
  );
}

/** A call without its ids, for a log line. */
function callOf(request: IncomingMessage): string {
  const [path = ""] = (request.url ?? "").split("?", 1);
  return `${request.method} ${routesAt(path)[0]?.route.path ?? "of an unknown path"}`;
}
