/** GitHub refuses a workflow that it cannot read, after the push, where nobody looks: here it is refused before. */
import { expect, test } from "vitest";
import { complaints } from "./language-service.ts";
import { texts } from "./workflow-files.ts";

test.each([...texts])("%s is a workflow that GitHub takes", async (path, text) => {
  expect(await complaints(path, text)).toEqual([]);
});

const deploy = ".github/workflows/deploy.yml";

test.each([
  ["an unknown key", "needs: test", "need: test", "Unexpected value 'need'"],
  ["an expression that does not parse", "vars.DEPLOY ==", "vars.DEPLOY =", "Unexpected symbol"],
  ["a name that is not known", "github.ref ==", "guthub.ref ==", "Unrecognized named-value: 'guthub'"],
  ["a job that is not there", "needs: staging", "needs: stagin", "depends on unknown job 'stagin'"],
  ["an input that the called workflow lacks", "approval: true", "approvals: true", "approvals is not defined"],
  ["a called workflow that is not there", "workflows/test.yml", "workflows/tests.yml", "Unable to find"],
])("%s would be seen", async (_, right, wrong, message) => {
  const text = texts.get(deploy) ?? "";
  expect(text).toContain(right);
  expect((await complaints(deploy, text.replace(right, wrong))).join("\n")).toContain(message);
});
