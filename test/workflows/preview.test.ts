/** The scripts of the previews of pull requests, with stand-ins for `npm`, `git` and `pulumi` on the PATH. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bash, standIns } from "../support/stand-ins.ts";
import { job } from "./workflow-files.ts";

function step(jobName: string, name: string): string {
  const found = job("preview", jobName).steps?.find((step) => step.name === name);
  if (found?.run === undefined) throw new Error(`${jobName} has no script "${name}"`);
  return found.run;
}

describe("a comparison", () => {
  function compared(npm: string) {
    const directory = standIns({ npm, git: 'echo "git $*"' });
    const summary = join(directory, "summary");
    const env = { BASE: "main", GITHUB_STEP_SUMMARY: summary };
    const { status, said } = bash(step("compare", "Compare with the base"), directory, env, directory);
    const read = (file: string) =>
      existsSync(join(directory, file)) ? readFileSync(join(directory, file), "utf8") : "";
    return { status, said, comment: read("comment.md"), page: read("preview.html"), summary: read("summary") };
  }

  test("is with the base that the pull request is merged into, as a comment and as a page", () => {
    const { status, said, comment, page, summary } = compared('echo "npm $*"');
    expect(status).toBe(0);
    expect(said).toBe("git branch main HEAD^1\n");
    expect(comment).toBe("npm run -s preview -- --base main --format github\n");
    expect(page).toBe("npm run -s preview -- --base main --format html\n");
    expect(summary).toBe(comment);
  });

  test("of what cannot be declared fails, and its comment is there all the same", () => {
    const { status, comment } = compared("echo said; exit 1");
    expect({ status, comment }).toEqual({ status: 1, comment: "said\n" });
    const upload = job("preview", "compare").steps?.find(({ uses }) => uses?.startsWith("actions/upload-artifact@"));
    expect(upload?.if).toBe("${" + "{ !cancelled() }}");
  });
});

describe("a preview with the provider", () => {
  function previewed(stackFile: string) {
    const directory = standIns({ pulumi: 'echo "pulumi $* $PULUMI_BACKEND_URL $HTTPS_PROXY"' });
    const temporary = join(directory, "temporary");
    mkdirSync(temporary);
    writeFileSync(join(directory, "Pulumi.prod.yaml"), stackFile);
    const script = step("provider", "Preview with the provider, without credentials");
    const { status, said } = bash(script, directory, { STACK: "prod", RUNNER_TEMP: temporary }, directory);
    const left = readFileSync(join(directory, "Pulumi.prod.yaml"), "utf8");
    return { status, lines: said.trim().split(/ *\n/), temporary, left };
  }

  test("gets the plugins first, and then no way to anybody", () => {
    const { status, lines, temporary } = previewed("config:\n  gcp:project: x\n");
    expect(status).toBe(0);
    expect(lines).toEqual([
      `pulumi install --no-dependencies file://${temporary}/state`,
      `pulumi stack init prod --secrets-provider passphrase file://${temporary}/state`,
      expect.stringMatching(/^pulumi preview --stack prod .* http:\/\/127\.0\.0\.1:9$/),
    ]);
  });

  test("does not ask for the key of the real state", () => {
    const { left } = previewed("secretsprovider: gcpkms://key\nencryptedkey: abc\nconfig:\n  gcp:project: x\n");
    expect(left).toBe("config:\n  gcp:project: x\n");
  });

  test("is not made of values that nobody can read there, which is said", () => {
    const { status, lines } = previewed("config:\n  x:y: { secure: v1:abc }\n");
    expect(status).toBe(0);
    expect(lines).toEqual([expect.stringMatching(/^::notice::Pulumi\.prod\.yaml holds encrypted values/)]);
    expect(previewed("# secure: is explained here\nconfig: {}\n").lines).toHaveLength(3);
  });
});
