/** What the pages for people say is what the program does. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { FindingsError, refusal } from "../../domain/findings.ts";
import { planStack } from "../../domain/plan.ts";
import { nextSteps, runbook } from "../../domain/runbook.ts";
import { configurationOf } from "../../domain/settings/configuration.ts";
import { compare } from "../../preview/compare/comparison.ts";
import { githubComment } from "../../preview/report/github.ts";
import { jsonReport } from "../../preview/report/json.ts";
import { stackReport } from "../../preview/report/model.ts";
import { textReport } from "../../preview/report/text.ts";
import { readStack } from "../../preview/stack/stack-files.ts";
import { comparedReport, everything, withFindings } from "../support/compared.ts";
import { changeEverything, ScratchRepository } from "../support/scratch-repository.ts";
import { repository, stacksOf } from "../support/stack-previews.ts";

const read = (path: string) => readFileSync(resolve(repository, path), "utf8");
const pages = [
  "README.md",
  ...readdirSync(resolve(repository, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];
const readme = read("README.md");

/** The fenced blocks of a page in some language. */
function blocks(page: string, language: string): readonly string[] {
  return [...page.matchAll(new RegExp(`^ *\`\`\`${language}\n(.*?)^ *\`\`\``, "gms"))].map(([, text = ""]) => text);
}

async function shippedPlan(stack: string, directory = repository) {
  const { config, project } = await readStack(directory, stack);
  return planStack(configurationOf(config, project.name));
}

describe.each(pages)("%s", (page) => {
  test("names only scripts that there are", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const named = [...read(page).matchAll(/npm (?:run (?:-s )?)([a-z:-]+)/g)].map(([, name = ""]) => name);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  test("links only to what is there", () => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = ""]) => link);
    expect(
      links.filter(
        (link) => statSync(resolve(repository, dirname(page), link), { throwIfNoEntry: false }) === undefined,
      ),
    ).toEqual([]);
  });
});

describe("README.md", () => {
  test("has the command that .ci/run calls", () => {
    expect(blocks(readme, "bash").map((block) => block.trim())).toContain("npm ci && npm test");
    expect(read(".ci/run")).toMatch(/^npm ci && npm test$/m);
  });

  test("shows a least stack that really is one", () => {
    const [yaml = ""] = blocks(readme, "yaml");
    const { config } = parse(yaml) as { config: Record<string, unknown> };
    const values = Object.entries(config).map(([key, value]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
    const plan = planStack(configurationOf(Object.fromEntries(values), "agent-worker"));
    expect(plan.workers).toMatchObject([{ key: "dental-agent-worker", prepared: true }]);
  });

  test("shows lines that the preview of prod prints", async () => {
    const [prod] = await stacksOf(repository, ["prod"]);
    if (prod === undefined) throw new Error("prod was not previewed");
    // The date of the sample: the months of a year differ a little in what they cost.
    const report = stackReport(prod, await shippedPlan("prod"), Date.UTC(2026, 10, 22));
    const printed = textReport(report, { width: 130, colour: false }).split("\n");
    const narrow = textReport(report, { width: 80, colour: false }).split("\n");
    const [sample = ""] = blocks(readme, "text");
    expect(
      sample.split("\n").filter((line) => line !== "" && !printed.includes(line) && !narrow.includes(line)),
    ).toEqual([]);
  });

  test("shows the comment that a pull request really gets", async () => {
    const scratch = new ScratchRepository();
    try {
      const sideOf = async () => {
        const [declared] = await stacksOf(scratch.directory, ["prod"]);
        if (declared === undefined) throw new Error("prod was not previewed");
        return { declared, plan: await shippedPlan("prod", scratch.directory) };
      };
      const before = await sideOf();
      changeEverything(scratch);
      const after = await sideOf();
      // The date of the sample: starts are counted from it, and months differ a little in what they cost.
      const now = Date.UTC(2026, 10, 26, 8);
      const comparison = compare({ ref: "main", commit: "0123abc".padEnd(40, "0") }, before, after, now);
      const comment = githubComment({ ...stackReport(after.declared, after.plan, now), comparison });
      const [, sample = ""] =
        /^<!-- example: the beginning .*?-->$(.*?)^<!-- example: its end -->$/ms.exec(readme) ?? [];
      const [shown = ""] = comment.split("**Findings**");
      expect(sample.trim()).toBe(shown.replace(/^<!--.*/, "").trim());
    } finally {
      scratch.dispose();
    }
  });

  test("shows a refusal in the words of the program", async () => {
    const [, sample = ""] = blocks(readme, "text");
    const { input } = await shippedPlan("prod");
    const mistaken = structuredClone(input) as {
      workers: Record<string, { cpu?: number; memory?: string }>;
      rounds: { service: { requestTimeout?: string } };
    };
    Object.assign(mistaken.workers["dental-agent-worker"] ?? {}, { cpu: 1, memory: "8Gi" });
    mistaken.rounds.service.requestTimeout = "300s";
    try {
      planStack(mistaken);
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof FindingsError)) throw error;
      expect(refusal("Pulumi.prod.yaml", error.findings, 130).trim()).toBe(sample.trim());
    }
  });
});

describe("docs/operations.md", () => {
  test("gives the commands of the runbook, where it gives whole ones", async () => {
    const commands = runbook(await shippedPlan("prod"), "prod").map(({ command }) => command);
    const given = [...read("docs/operations.md").matchAll(/`(gcloud [^`]+)`/g)].map(([, command = ""]) => command);
    const whole = given.filter((command) => !/EXECUTION|…|\n/.test(command));
    expect(whole.length).toBeGreaterThan(3);
    expect(whole.filter((command) => !commands.some((line) => line.startsWith(command)))).toEqual([]);
  });
});

describe("docs/preview.md", () => {
  test("names every field of the JSON", async () => {
    const report = withFindings(await comparedReport(everything));
    const { stacks } = JSON.parse(jsonReport([{ report }]));
    const [stack] = stacks;
    const { comparison, workers, rounds, access, cost, resources } = stack;
    const described = [stack, comparison, comparison.cost, comparison.counts, comparison.dangers, comparison.sentences];
    const all = [...described, comparison.resources, workers, rounds, access, cost, resources, stack.policies].flat();
    const fields = new Set([
      ...all.flatMap(Object.keys),
      ...comparison.resources.flatMap(changed).flatMap(Object.keys),
    ]);
    const page = read("docs/preview.md");
    expect([...fields].filter((field) => !page.includes(`\`${field}\``) && !page.includes(`\`${field}:`))).toEqual([]);
  });

  const changed = ({ options, properties }: { options: object[]; properties: object[] }) => [...options, ...properties];
});

describe("docs/deployment.md", () => {
  test("gives the commands of the next steps and of the runbook for the first deployment", async () => {
    const plan = await shippedPlan("staging");
    const unset = structuredClone(plan.input) as { workers: Record<string, { image?: string }> };
    for (const worker of Object.values(unset.workers)) delete worker.image;
    const steps = nextSteps(planStack(unset), "staging");
    const commands = [...steps, ...runbook(plan, "staging")].map(({ command }) => command);

    const [, section = ""] = /^## The first deployment$(.*?)^## /ms.exec(read("docs/deployment.md")) ?? [];
    const lines = blocks(section, "bash").flatMap((block) =>
      block
        .replaceAll(/ \\\n */g, " ")
        .trim()
        .split(/\n */),
    );
    const given = lines.filter((line) => !/^[A-Z]+=/.test(line));
    expect(given.length).toBeGreaterThan(4);
    expect(given.filter((line) => !commands.includes(line))).toEqual([]);
  });
});
