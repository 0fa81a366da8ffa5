import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface FakeComment {
  readonly id: number;
  body: string;
  readonly user: { readonly login: string } | null;
}

interface PullRequest {
  readonly number: number;
  readonly head: { readonly label: string; readonly sha: string };
}

/** As much of GitHub's API as a comment takes, with its pages, its limits and its words. */
export class FakeGitHub {
  readonly pulls: PullRequest[] = [];
  readonly comments = new Map<number, FakeComment[]>();
  /** `GET /issues/1/comments?page=2` and so on, as they came. */
  readonly calls: string[] = [];
  /** What the next calls are answered with, in place of the right answer. */
  failure: { readonly path: RegExp; readonly status: number; readonly body: string } | undefined;
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  #nextId = 1_000;

  async start(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  comment(pull: number, login: string, body: string): FakeComment {
    const comment = { id: this.#nextId++, body, user: { login } };
    this.comments.set(pull, [...(this.comments.get(pull) ?? []), comment]);
    return comment;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", this.url);
    const path = url.pathname.replace("/repos/clinic/infra", "");
    this.calls.push(
      `${request.method} ${path}${url.searchParams.has("page") ? `?page=${url.searchParams.get("page")}` : ""}`,
    );
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    };
    if (this.failure?.path.test(`${request.method} ${path}`)) return answer(this.failure.status, this.failure.body);
    if (request.headers.authorization !== "Bearer token") return answer(401, { message: "Bad credentials" });
    const page = <T>(all: readonly T[]) => {
      const size = Math.min(100, Number(url.searchParams.get("per_page") ?? 30));
      const from = (Number(url.searchParams.get("page") ?? 1) - 1) * size;
      return answer(200, all.slice(from, from + size));
    };
    if (request.method === "GET" && path === "/pulls") {
      const head = url.searchParams.get("head");
      return page(this.pulls.filter(({ head: { label } }) => head === null || label === head));
    }
    const onPull = /^\/issues\/(\d+)\/comments$/.exec(path)?.[1];
    if (request.method === "GET" && onPull !== undefined) return page(this.comments.get(Number(onPull)) ?? []);
    const { body } = JSON.parse(await text(request)) as { body: string };
    if (body.length > 65_536) {
      const errors = [
        { resource: "IssueComment", field: "data", message: "Body is too long (maximum is 65536 characters)" },
      ];
      return answer(422, { message: "Validation Failed", errors });
    }
    if (request.method === "POST" && onPull !== undefined) {
      return answer(201, this.comment(Number(onPull), "github-actions[bot]", body));
    }
    const edited = [...this.comments.values()].flat().find(({ id }) => path === `/issues/comments/${id}`);
    if (request.method !== "PATCH" || edited === undefined) return answer(404, { message: "Not Found" });
    edited.body = body;
    return answer(200, edited);
  }
}

async function text(request: IncomingMessage): Promise<string> {
  let all = "";
  request.setEncoding("utf8");
  for await (const part of request) all += part;
  return all;
}
