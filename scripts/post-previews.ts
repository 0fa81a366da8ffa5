/**
 * Posts the previews of a pull request as comments on it: one a stack, edited at every push.
 *
 * Runs in a workflow that may write (.github/workflows/comment.yml), with a file that the pull request's own code has
 * written. So nothing in it is believed: which pull request it is about is asked of GitHub, by the commit that was
 * run; its comments are looked at before they are posted; and only comments of this workflow's own are edited.
 *
 * usage: node scripts/post-previews.ts FILE
 *
 * Reads GITHUB_TOKEN, GITHUB_API_URL, GITHUB_REPOSITORY and GITHUB_EVENT_PATH, as GitHub sets them.
 */
import { readFile } from "node:fs/promises";
import { attributed, commentsIn, NotPosted, withdrawn } from "./post-previews/comments.ts";
import { gitHub } from "./post-previews/github.ts";

/** Of the event `workflow_run`: https://docs.github.com/webhooks/webhook-events-and-payloads#workflow_run (November 2026) */
interface WorkflowRun {
  readonly head_sha: string;
  readonly head_branch: string;
  /** Null where the fork is deleted. */
  readonly head_repository: { readonly owner: { readonly login: string } } | null;
  readonly html_url: string;
}

try {
  const [file] = process.argv.slice(2);
  if (file === undefined) throw new NotPosted("usage: node scripts/post-previews.ts FILE");
  const comments = commentsIn(await readFile(file));
  const event = JSON.parse(await readFile(setting("GITHUB_EVENT_PATH"), "utf8")) as { workflow_run: WorkflowRun };
  const { head_sha, head_branch, head_repository, html_url } = event.workflow_run;
  if (head_repository === null) {
    throw new NotPosted(
      `the repository of ${head_branch} is deleted: which pull request this is about cannot be asked.`,
    );
  }
  const api = gitHub(setting("GITHUB_API_URL"), setting("GITHUB_REPOSITORY"), setting("GITHUB_TOKEN"));

  const pulls = await api.pullRequestsAt(`${head_repository.owner.login}:${head_branch}`, head_sha);
  if (pulls.length === 0) {
    console.log(`No open pull request is at ${head_sha} any more: it was closed, or a newer push has its own preview.`);
  }
  if (pulls.length > 1) {
    // Each of them has its own run, against its own base, and nothing that can be believed says whose this is.
    const which = pulls.map((pull) => `#${pull}`).join(" and ");
    throw new NotPosted(
      `${which} are open with the same commit, and this preview is of one of them alone: nothing is posted. The run has it: ${html_url}`,
    );
  }
  for (const pull of pulls) {
    const posted = await api.ownComments(pull);
    for (const { marker, body } of comments) {
      const text = attributed({ marker, body }, html_url);
      const earlier = posted.find((comment) => comment.body.startsWith(marker));
      if (earlier === undefined) await api.create(pull, text);
      else await api.edit(earlier.id, text);
      console.log(`#${pull}: ${earlier === undefined ? "posted" : "edited"} ${marker}`);
    }
    for (const { id, body } of posted) {
      const gone = withdrawn(body, comments);
      if (gone === undefined) continue;
      await api.edit(id, gone.body);
      console.log(`#${pull}: withdrawn ${gone.marker}`);
    }
  }
} catch (error) {
  if (!(error instanceof NotPosted)) throw error;
  // As GitHub shows it on the run's page. In one line: another could be a command to the runner.
  console.log(`::error::${error.message.replaceAll(/[\r\n]+/g, " ")}`);
  process.exitCode = 1;
}

function setting(name: string): string {
  const value = process.env[name] ?? "";
  if (value === "") throw new NotPosted(`${name} is not set: this runs in a workflow of GitHub's.`);
  return value;
}
