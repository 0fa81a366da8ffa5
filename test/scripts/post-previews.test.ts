/** The script that posts, as the workflow runs it, against a GitHub of our own. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LONGEST_COMMENT, marker } from "../../preview/report/github.ts";
import { commentsIn, NotPosted } from "../../scripts/post-previews/comments.ts";
import { FakeGitHub } from "../support/fake-github.ts";
import { elementsOf, textOf, treeOf } from "../support/github-markdown.ts";
import { repository } from "../support/stack-previews.ts";

const commit = "a".repeat(40);
const bot = "github-actions[bot]";
const preview = (stack: string, text = "") => `${marker(stack)}\n### ${stack} ${text}\n`;

let github: FakeGitHub;
let directory: string;
beforeEach(async () => {
  github = new FakeGitHub();
  await github.start();
  directory = mkdtempSync(join(tmpdir(), "post-previews-"));
  github.pulls.push({ number: 7, head: { label: "somebody:branch/x", sha: commit } });
});
afterEach(() => {
  github.stop();
  rmSync(directory, { recursive: true });
});

function post(
  file: string | Uint8Array,
  env: NodeJS.ProcessEnv = {},
  of: object = {},
): Promise<{ code: number | null; said: string }> {
  const run = {
    ...{ head_sha: commit, head_branch: "branch/x", html_url: "https://github.com/clinic/infra/actions/runs/1" },
    head_repository: { owner: { login: "somebody" } },
    ...of,
  };
  writeFileSync(join(directory, "event.json"), JSON.stringify({ workflow_run: run }));
  writeFileSync(join(directory, "comment.md"), file);
  const child = spawn(
    process.execPath,
    [resolve(repository, "scripts/post-previews.ts"), join(directory, "comment.md")],
    {
      env: {
        PATH: process.env.PATH,
        ...{ GITHUB_TOKEN: "token", GITHUB_REPOSITORY: "clinic/infra" },
        GITHUB_EVENT_PATH: join(directory, "event.json"),
        GITHUB_API_URL: env.GITHUB_API_URL ?? github.url,
        ...env,
      },
    },
  );
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += data));
  return new Promise((done) => child.once("close", (code) => done({ code, said })));
}

const bodies = (pull = 7) => (github.comments.get(pull) ?? []).map(({ body }) => body);

describe("a pull request has one comment a stack", () => {
  test("posted at the first push, with where it comes from", async () => {
    const { code, said } = await post(preview("staging") + preview("prod"));
    expect({ code, said }).toEqual({
      code: 0,
      said: `#7: posted ${marker("staging")}\n#7: posted ${marker("prod")}\n`,
    });
    expect(bodies()).toHaveLength(2);
    expect(bodies()[1]).toMatch(
      /^<!-- agent-worker preview: prod -->\n<sub>Written by the pull request's own code in \[this run\]\(https:.*<\/sub>\n\n### prod \n$/,
    );
  });

  test("edited at the next, also when there are hundreds of others before it", async () => {
    for (let index = 0; index < 250; index += 1) github.comment(7, "somebody", `comment ${index}`);
    const earlier = github.comment(7, bot, preview("prod", "old"));
    const { said } = await post(preview("prod", "new"));
    expect(said).toBe(`#7: edited ${marker("prod")}\n`);
    expect(earlier.body).toContain("### prod new");
    expect(bodies()).toHaveLength(251);
    expect(github.calls).toContain("GET /issues/7/comments?page=3");
  });

  test("which is never somebody else's, whatever it begins with", async () => {
    const theirs = github.comment(7, "somebody", preview("prod", "theirs"));
    const quoted = github.comment(7, bot, `> ${preview("prod", "another bot's")}`);
    await post(preview("prod", "ours"));
    expect(theirs.body).toContain("theirs");
    expect(quoted.body).toContain("another bot's");
    expect(bodies()).toHaveLength(3);
  });
});

describe("a stack that leaves the pull request leaves no preview that looks like the newest", () => {
  const gone = `${marker("staging")}\nThe stack \`staging\` is not part of this pull request any more.\n`;

  test("its comment says so, and is found again when the stack comes back", async () => {
    await post(preview("staging") + preview("prod"));
    const { said } = await post(preview("prod"));
    expect(said).toBe(`#7: edited ${marker("prod")}\n#7: withdrawn ${marker("staging")}\n`);
    expect(bodies()[0]).toBe(gone);
    expect((await post(preview("prod"))).said).toBe(`#7: edited ${marker("prod")}\n`);
    await post(preview("staging", "again") + preview("prod"));
    expect(bodies()).toHaveLength(2);
    expect(bodies()[0]).toContain("### staging again");
  });

  test("comments of others, and of other workflows, are left alone", async () => {
    github.comment(7, "somebody", preview("staging"));
    github.comment(7, bot, "coverage is 80 %");
    github.comment(7, bot, `> ${preview("staging")}`);
    github.comment(7, bot, "<!-- agent-worker preview: a --> `b` -->\n");
    const before = bodies();
    await post(preview("prod"));
    expect(bodies().slice(0, 4)).toEqual(before);
  });

  test("a file that is refused withdraws nothing", async () => {
    await post(preview("staging"));
    await post("");
    expect(bodies()[0]).toContain("### staging");
  });
});

describe("which pull request it is, GitHub says", () => {
  test("of two with the same commit neither is given the other's", async () => {
    github.pulls.push({ number: 8, head: { label: "somebody:branch/x", sha: commit } });
    const { code, said } = await post(preview("prod"));
    expect(code).toBe(1);
    expect(said).toContain("::error::#7 and #8 are open with the same commit");
    expect([bodies(7), bodies(8)]).toEqual([[], []]);
  });

  test("a fork that is deleted is said in a message, not in a trace", async () => {
    const { code, said } = await post(preview("prod"), {}, { head_repository: null });
    expect({ code, said }).toEqual({
      code: 1,
      said: "::error::the repository of branch/x is deleted: which pull request this is about cannot be asked.\n",
    });
  });

  test("one of which the commit is not the newest any more is left alone: it has a newer preview", async () => {
    github.pulls[0] = { number: 7, head: { label: "somebody:branch/x", sha: "b".repeat(40) } };
    const { code, said } = await post(preview("prod"));
    expect(code).toBe(0);
    expect(said).toContain(`No open pull request is at ${commit} any more`);
    expect(bodies()).toEqual([]);
  });

  test("one of another branch is left alone, even with the same commit", async () => {
    github.pulls.push({ number: 8, head: { label: "other:branch/x", sha: commit } });
    await post(preview("prod"));
    expect([bodies(7).length, bodies(8).length]).toEqual([1, 0]);
  });
});

describe("what the pull request's code has left is not believed", () => {
  test.each<[string, string | Uint8Array, string]>([
    ["nothing", "", "the file of the previews is empty"],
    ["text without a marker", "hello @everybody", "does not begin with a stack's marker"],
    ["text before the first marker", `hello\n${preview("prod")}`, "does not begin with a stack's marker"],
    ["a marker that is none", "<!-- agent-worker preview: a --> <b>\n", "does not begin with a stack's marker"],
    ["two of one stack", preview("prod") + preview("prod"), "two comments of one stack"],
    [
      "too many",
      Array.from({ length: 21 }, (_, index) => preview(`stack-${index}`)).join(""),
      "21 previews, and 20 are posted at most",
    ],
    ["one that is too long", preview("prod", "x".repeat(66_000)), "GitHub takes"],
    ["something enormous", new Uint8Array(6_000_000).fill(32), "too large"],
    ["no text", new Uint8Array([0xff, 0xfe, 0x00]), "no text in UTF-8"],
  ])("%s is refused, and nothing posted", async (_, file, words) => {
    const { code, said } = await post(file);
    expect(code).toBe(1);
    expect(said).toMatch(/^::error::.*\n$/);
    expect(said).toContain(words);
    expect(github.calls).toEqual([]);
  });

  test.each([
    ["<!--"],
    ["~~~"],
    ["```"],
    ["<script>"],
    ["<details>"],
    ["<pre>"],
    ["===\n---"],
    ["[this run]: https://evil.example"],
  ])("a body that ends in %j hides neither who wrote it nor the run", async (end) => {
    await post(`${marker("prod")}\n${end}\n`);
    const tree = treeOf(bodies()[0] ?? "");
    expect(textOf(tree)).toMatch(/^\s*Written by the pull request's own code in this run, /);
    const [first] = elementsOf(tree);
    expect(elementsOf(tree).find(({ tagName }) => tagName === "a")?.attrs).toEqual([
      { name: "href", value: "https://github.com/clinic/infra/actions/runs/1" },
    ]);
    expect(["p", "sub"]).toContain(first?.tagName);
  });

  test("the longest comment that the preview makes still fits with what is added", () => {
    const body = preview("prod");
    const longest = body + "x".repeat(LONGEST_COMMENT - body.length);
    expect(commentsIn(new TextEncoder().encode(longest))).toHaveLength(1);
    expect(() => commentsIn(new TextEncoder().encode(`${longest}${"x".repeat(500)}`))).toThrow(NotPosted);
  });
});

describe("a call that fails says which, why and what helps", () => {
  test.each([
    [
      /^POST /,
      403,
      '{"message":"Resource not accessible by integration"}',
      "POST /issues/7/comments: GitHub answers 403, Resource not accessible by integration. The job needs `pull-requests: write`.",
    ],
    [/^GET .pulls/, 502, "<html>", "GET /pulls: GitHub answers 502, without a reason. Run the job again."],
    [
      /^POST /,
      422,
      '{"message":"Validation Failed","errors":[{"message":"Body is too long\\n::warning::x"}]}',
      "422, Validation Failed: Body is too long ::warning::x.",
    ],
  ])("%s %i", async (path, status, body, words) => {
    github.failure = { path, status, body };
    const { code, said } = await post(preview("prod"));
    expect(code).toBe(1);
    expect(said).toContain(`::error::`);
    expect(said).toContain(words);
    expect(said.trim().split("\n")).toHaveLength(1);
  });

  test("nobody answers", async () => {
    const { url } = github;
    github.stop();
    const { code, said } = await post(preview("prod"), { GITHUB_API_URL: url });
    expect(code).toBe(1);
    expect(said).toMatch(/^::error::GET \/pulls: GitHub does not answer \(.*ECONNREFUSED.*\)\.\n$/);
  });

  test("outside of a workflow", async () => {
    const { code, said } = await post(preview("prod"), { GITHUB_TOKEN: "" });
    expect({ code, said }).toEqual({
      code: 1,
      said: "::error::GITHUB_TOKEN is not set: this runs in a workflow of GitHub's.\n",
    });
  });
});
