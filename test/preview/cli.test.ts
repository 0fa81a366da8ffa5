import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { repository } from "../support/stack-previews.ts";

const run = promisify(execFile);
const cli = resolve(repository, "preview/cli.ts");

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function preview(args: readonly string[], cwd = repository): Promise<Ended> {
  const env = { ...process.env, COLUMNS: "120" };
  try {
    return { code: 0, ...(await run(process.execPath, [cli, ...args], { cwd, env, maxBuffer: 1e8 })) };
  } catch (error) {
    const { code, stdout, stderr } = error as Ended;
    return { code, stdout, stderr };
  }
}

describe("npm run preview", () => {
  test("shows every stack, prod last, and ends with 0", async () => {
    const { code, stdout, stderr } = await preview([]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.indexOf("══ staging ══")).toBeGreaterThanOrEqual(0);
    expect(stdout.indexOf("══ prod ══")).toBeGreaterThan(stdout.indexOf("══ staging ══"));
    const summaries = stdout.split("\n").filter((line) => line.startsWith("✓ "));
    expect(summaries.at(-1)).toMatch(/^✓ prod /);
  });

  test("--format json puts JSON alone on standard output", async () => {
    const { code, stdout } = await preview(["--stack", "staging", "--format", "json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      stacks: [{ ok: true, stack: "staging", environment: "staging" }],
    });
  });

  test("--help tells the options and ends with 0", async () => {
    const { code, stdout } = await preview(["--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain("--stack NAME");
  });

  test.each([
    [["--stack", "production"], "there is no Pulumi.production.yaml; there is prod, staging"],
    [["--format", "yaml"], "give text, json, github or html"],
    [["--stak", "prod"], "--stak"],
    [["prod"], "prod"],
  ])("wrong usage %j ends with 2, says what there is, and shows no stack trace", async (args, words) => {
    const { code, stdout, stderr } = await preview(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(words);
    expect(stderr).toContain("usage:");
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe("a stack that cannot be deployed", () => {
  let project: string;

  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), "broken-stack-"));
    const main = relative(project, resolve(repository, "index.ts"));
    await writeFile(
      join(project, "Pulumi.yaml"),
      JSON.stringify({ name: "agent-worker", main, runtime: { name: "nodejs", options: { typescript: false } } }),
    );
    await writeFile(
      join(project, "Pulumi.broken.yaml"),
      `config:
  gcp:project: clinic-project
  gcp:region: us-central1
  agent-worker:environment: production
  agent-worker:workers:
    dental-agent-worker: { cpu: 1, memory: 8Gi, command: [run], env: { API_KEY: { secure: v1:bm90IGluIGVudg== } }, officeHours: { timeZone: Asia/Karachi, week: { day: { days: mon, open: "09:00", close: "17:00" } } } }
  agent-worker:rounds:
    service: { name: agent, url: "https://somebody:hunter2@agent.example.run.app" }
    timeZone: America/New_York
    daily: { morning: "08:15" }
`,
    );
    await writeFile(
      join(project, "Pulumi.hostile.yaml"),
      'config:\n  gcp:project: clinic-project\n  agent-worker:environment: "\\u009b2J"\n  "agent-worker:\\e[2J": "\\e[2J"\n',
    );
    await writeFile(
      join(project, "Pulumi.sound.yaml"),
      "config:\n  gcp:project: clinic-project\n  gcp:region: us-central1\n  agent-worker:environment: staging\n",
    );
  });
  afterAll(() => rm(project, { recursive: true }));

  test("ends with 1, shows every problem at once, and neither a stack trace nor the password", async () => {
    const { code, stdout, stderr } = await preview(["--stack", "broken"], project);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("Pulumi.broken.yaml cannot be deployed: 5 problems");
    for (const words of [
      "environment",
      "holds an encrypted value",
      "workers.dental-agent-worker.memory",
      "rounds.service.url",
      "rounds.service.requestTimeout",
    ]) {
      expect(stderr).toContain(words);
    }
    expect(stderr).not.toContain("hunter2");
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("does not hide the stacks that can", async () => {
    const { code, stdout, stderr } = await preview([], project);
    expect(code).toBe(1);
    expect(stdout).toContain("══ sound ══");
    expect(stderr).toContain("✗ broken");
  });

  test("cannot speak to the terminal through the names in its file", async () => {
    const { code, stderr } = await preview(["--stack", "hostile"], project);
    expect(code).toBe(1);
    expect(stderr).toContain("\\u009b2J");
    expect(stderr.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  });
});

describe("a stack that breaks a mandatory policy", () => {
  let project: string;

  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), "broken-policy-"));
    const main = relative(project, resolve(repository, "index.ts"));
    const file = (name: string, content: unknown) => writeFile(join(project, name), JSON.stringify(content));
    const runtime = { name: "nodejs", options: { typescript: false } };
    const config = {
      "gcp:project": "clinic-project",
      "gcp:region": "us-central1",
      "agent-worker:images": { repository: "agents" },
      "agent-worker:labels": { owner: "voice", "cost-center": "clinics" },
      "agent-worker:protect": false,
    };
    await mkdir(join(project, "policies", "stacks"), { recursive: true });
    await Promise.all([
      file("Pulumi.yaml", { name: "agent-worker", main, runtime }),
      file("Pulumi.open.yaml", { config: { ...config, "agent-worker:environment": "prod" } }),
      file("Pulumi.exempt.yaml", { config: { ...config, "agent-worker:environment": "prod" } }),
      file("policies/stacks/exempt.json", { "deletion-protection": "advisory" }),
      file("Pulumi.staging.yaml", { config: { ...config, "agent-worker:environment": "staging" } }),
      file("Pulumi.misspelt.yaml", { config: { ...config, "agent-worker:environment": "staging" } }),
    ]);
  });
  afterAll(() => rm(project, { recursive: true }));

  test("ends with 1, and names rule, resource and remedy", async () => {
    const { code, stdout, stderr } = await preview(["--stack", "open"], project);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout).toMatch(
      /✗ mandatory {2}deletion-protection\n +image repository agents\n +protect is off\. Take `protect: false`/,
    );
    expect(stdout).toMatch(/^✗ open .* policies: 1\s+mandatory$/m);
  });

  test("ends with 1 beside one that keeps them, and in JSON", async () => {
    const { code, stdout } = await preview(["--stack", "open", "--stack", "staging", "--format", "json"], project);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      stacks: [
        { stack: "staging", allowed: true, policies: [] },
        { stack: "open", allowed: false, policies: [{ rule: "deletion-protection", level: "mandatory" }] },
      ],
    });
  });

  test("ends with 1 also when nobody reads on: `| head` makes nothing good", async () => {
    const child = spawn(process.execPath, [cli, "--stack", "open"], {
      cwd: project,
      stdio: ["ignore", "pipe", "ignore"],
    });
    child.stdout.destroy();
    expect(await once(child, "exit")).toEqual([1, null]);
  });

  test("may be exempted by its own file, and the finding is still shown", async () => {
    const { code, stdout } = await preview(["--stack", "exempt"], project);
    expect(code).toBe(0);
    expect(stdout).toContain("· advisory  deletion-protection");
  });

  test("is not exempted by a rule's misspelt name: the file is refused, and no other stack with it", async () => {
    await writeFile(join(project, "policies/stacks/misspelt.json"), '{ "deletion-protektion": "advisory" }');
    const { code, stdout, stderr } = await preview(["--stack", "misspelt", "--stack", "staging"], project);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^✓ staging /m);
    expect(stderr).toMatch(/^✗ misspelt .*policies\/stacks\/misspelt\.json.*deletion-protektion.*Did you mean/s);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
