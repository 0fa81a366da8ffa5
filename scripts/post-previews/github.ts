/**
 * The few calls of GitHub's API that a comment takes: https://docs.github.com/rest/issues/comments and
 * https://docs.github.com/rest/pulls/pulls (November 2026).
 */
import { NotPosted } from "./comments.ts";

export interface PostedComment {
  readonly id: number;
  readonly body: string;
}

interface Listed {
  readonly id: number;
  readonly body?: string;
  readonly user?: { readonly login: string } | null;
}

/** Whoever posts with a workflow's token. Nobody can register a name with brackets. */
const OURSELVES = "github-actions[bot]";
/** The most that GitHub gives at once. */
const PAGE = 100;
/** A call that takes longer is not answered any more. */
const PATIENCE = 30_000; // milliseconds

export function gitHub(base: string, repository: string, token: string) {
  async function call<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    const what = `${method} ${path.split("?")[0]}`;
    let response: Response;
    try {
      response = await fetch(`${base}/repos/${repository}${path}`, {
        method,
        headers: {
          Accept: "application/vnd.github+json",
          Authorization: `Bearer ${token}`,
          "X-GitHub-Api-Version": "2022-11-28",
        },
        signal: AbortSignal.timeout(PATIENCE),
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    } catch (error) {
      const { message, cause } = error as Error;
      throw new NotPosted(`${what}: GitHub does not answer (${cause instanceof Error ? cause.message : message}).`);
    }
    const text = await response.text();
    if (!response.ok)
      throw new NotPosted(`${what}: GitHub answers ${response.status}, ${messageIn(text)}${remedy(response.status)}`);
    return JSON.parse(text) as Answer;
  }

  /** Every page of a list: a busy pull request has more comments than one. */
  async function all<Item>(path: string): Promise<readonly Item[]> {
    const found: Item[] = [];
    for (let page = 1; ; page += 1) {
      const items = await call<readonly Item[]>(
        "GET",
        `${path}${path.includes("?") ? "&" : "?"}per_page=${PAGE}&page=${page}`,
      );
      found.push(...items);
      if (items.length < PAGE) return found;
    }
  }

  return {
    /**
     * The open pull requests whose newest commit is this one. By the branch, since the event of a run from a fork names
     * no pull request (github.com/actions/runner/issues/3444).
     *
     * @param head `owner:branch`
     */
    async pullRequestsAt(head: string, commit: string): Promise<readonly number[]> {
      const pulls = await all<{ number: number; head: { sha: string } }>(
        `/pulls?state=open&head=${encodeURIComponent(head)}`,
      );
      return pulls.filter(({ head: { sha } }) => sha === commit).map(({ number }) => number);
    },

    /** What was posted by a workflow: somebody else's comment is never edited, whatever it begins with. */
    async ownComments(pull: number): Promise<readonly PostedComment[]> {
      const comments = await all<Listed>(`/issues/${pull}/comments`);
      return comments.filter(({ user }) => user?.login === OURSELVES).map(({ id, body = "" }) => ({ id, body }));
    },

    create: (pull: number, body: string): Promise<unknown> => call("POST", `/issues/${pull}/comments`, { body }),
    edit: (id: number, body: string): Promise<unknown> => call("PATCH", `/issues/comments/${id}`, { body }),
  };
}

/** GitHub's own words, where there are any. */
function messageIn(text: string): string {
  try {
    const { message, errors = [] } = JSON.parse(text) as { message?: string; errors?: readonly { message?: string }[] };
    return [message ?? "without a reason", ...errors.flatMap(({ message }) => message ?? [])].join(": ");
  } catch {
    return "without a reason";
  }
}

function remedy(status: number): string {
  if (status === 403 || status === 404) return ". The job needs `pull-requests: write`.";
  return status === 429 || status >= 500 ? ". Run the job again." : ".";
}
