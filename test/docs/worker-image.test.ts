import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { repository } from "../support/stack-previews.ts";

const read = (path: string) => readFileSync(join(repository, path), "utf8");
const page = read("docs/worker-image.md");

/** `gcloud` refuses a substitution that the file does not have, at the end of an upload. */
test.each(["runtime/image/cloudbuild.yaml", "runtime/image/cloudbuild-runtime.yaml"])(
  "docs/worker-image.md gives %s what it takes, and all that it cannot do without",
  (file) => {
    const [, given = ""] =
      new RegExp(`--config=\\S*${file.replaceAll(".", "\\.")} \\\\\\n +--substitutions=(\\S+)`).exec(page) ?? [];
    const names = given.split(/,(?=_)/).map((each) => each.split("=")[0] ?? "");
    const { substitutions } = parse(read(file)) as { substitutions: Record<string, string> };
    const needed = Object.keys(substitutions).filter((name) => substitutions[name] === "");
    expect(names.filter((name) => !(name in substitutions))).toEqual([]);
    expect(names).toEqual(expect.arrayContaining(needed));
  },
);
