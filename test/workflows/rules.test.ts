/** What no linter knows of the workflows: whom they trust, in which order they deploy, and what else they rely on. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readConfiguration } from "../../policies/configuration.ts";
import { rules as policies } from "../../policies/rules.ts";
import { configurationFile } from "../../preview/policies.ts";
import { repository } from "../support/stack-previews.ts";
import { job, jobs, type Permissions, steps, texts, workflow, workflows } from "./workflow-files.ts";

const STACK = "./.github/workflows/stack.yml";
const manifest = JSON.parse(readFileSync(resolve(repository, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
};

const deployments = Object.values(workflow("deploy").jobs).filter(({ uses }) => uses === STACK);
const deploymentOf = (stack: string) => deployments.find((deployment) => deployment.with?.stack === stack);
const runs = steps.flatMap(({ where, step }) => (step.run === undefined ? [] : [{ where, run: step.run }]));
/** Commands, each on one line. */
const scripts = runs.map(({ run }) => run.replaceAll(/\\\n\s*/g, "")).join("\n");

describe("whoever moves a tag, opens a pull request or names a branch gets nothing", () => {
  test("every action is pinned to a commit, and says which version that is", () => {
    const used = [...texts].flatMap(([path, text]) =>
      [...text.matchAll(/uses: (.*)/g)].map(([, use = ""]) => `${path}: ${use}`),
    );
    const others = used.filter((use) => !use.includes(": ./.github/workflows/"));
    expect(others.length).toBeGreaterThan(5);
    expect(others.filter((use) => !/: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(use))).toEqual([]);
  });

  test("an action has one version", () => {
    const pins = steps.flatMap(({ step }) => step.uses ?? []);
    const names = new Set(pins.map((pin) => pin.split("@")[0]));
    expect(new Set(pins).size).toBe(names.size);
  });

  test("no workflow runs a pull request's code with the rights of main", () => {
    const events = [...workflows.values()].flatMap(({ on }) => Object.keys(on));
    expect(new Set(events)).toEqual(
      new Set(["pull_request", "workflow_call", "push", "workflow_dispatch", "workflow_run"]),
    );
    const started = [...workflows].filter(([, { on }]) => "pull_request" in on).map(([path]) => path);
    expect(started).toEqual([".github/workflows/preview.yml", ".github/workflows/test.yml"]);
  });

  test.each(["test", "preview"])("a pull request gets no credential, and may only read (%s)", (name) => {
    const { permissions, jobs } = workflow(name);
    expect(permissions).toEqual({ contents: "read" });
    expect(
      Object.values(jobs).filter(({ permissions, environment, uses }) => permissions ?? environment ?? uses),
    ).toEqual([]);
    expect(texts.get(`.github/workflows/${name}.yml`)).not.toMatch(/\bvars\.|google-github-actions|github\.token/);
  });

  test("what may write on a pull request runs nothing of it: no checkout, no package, no command", () => {
    const started = [...workflows].filter(([, { on }]) => "workflow_run" in on).map(([path]) => path);
    expect(started).toEqual([".github/workflows/comment.yml"]);
    const { permissions, steps = [] } = job("comment", "comment");
    expect(permissions).toEqual({ actions: "read", contents: "read", "pull-requests": "write" });
    const checkout = steps.find(({ uses }) => uses?.startsWith("actions/checkout@"));
    // Without a ref it is the default branch.
    expect(checkout?.with).toEqual({ "persist-credentials": false });
    expect(steps.flatMap(({ run }) => run ?? [])).toEqual([
      'node scripts/post-previews.ts "$RUNNER_TEMP/preview/comment.md"',
    ]);
    const artifact = steps.find(({ uses }) => uses?.startsWith("actions/download-artifact@"));
    expect(artifact?.with?.path).toMatch(/^\$\{\{ runner.temp \}\}\/preview$/);
  });

  test("what is posted is what the preview left", () => {
    expect(workflow("comment").on.workflow_run).toEqual({ workflows: ["preview"], types: ["completed"] });
    expect([...workflows.values()].filter(({ name }) => name === "preview")).toEqual([workflow("preview")]);
    const upload = job("preview", "compare").steps?.find(({ uses }) => uses?.startsWith("actions/upload-artifact@"));
    const download = job("comment", "comment").steps?.find(({ uses }) =>
      uses?.startsWith("actions/download-artifact@"),
    );
    expect(download?.with?.name).toBe(upload?.with?.name);
    expect(upload?.with?.path).toContain("comment.md");
  });

  test("no secret is stored with GitHub", () => {
    expect([...texts].filter(([, text]) => /secrets(\.|\[|:)/.test(text)).map(([path]) => path)).toEqual([]);
  });

  test("nothing that somebody else may write becomes part of a script", () => {
    expect(runs.filter(({ run }) => run.includes("${{"))).toEqual([]);
  });

  test("no checkout leaves its token behind", () => {
    const checkouts = steps.filter(({ step }) => step.uses?.startsWith("actions/checkout@"));
    expect(checkouts.length).toBeGreaterThan(2);
    expect(checkouts.filter(({ step }) => step.with?.["persist-credentials"] !== false)).toEqual([]);
  });
});

describe("a job may do what it needs, and no more", () => {
  const granted = (path: string, permissions: Permissions | undefined) =>
    permissions ?? workflows.get(path)?.permissions;

  test("rights are given job by job, where there are any but reading", () => {
    expect([...workflows].filter(([, { permissions }]) => permissions === undefined)).toEqual([]);
    const whole = [...workflows.values()].flatMap(({ permissions = {} }) => Object.entries(permissions));
    expect(new Set(whole.map(String))).toEqual(new Set(["contents,read"]));
  });

  test("an identity is only for the jobs that log in, each in an environment", () => {
    const own = jobs.filter(({ job }) => job.steps !== undefined);
    const identified = own.filter(({ path, job }) => granted(path, job.permissions)?.["id-token"] !== undefined);
    const loggedIn = own.filter(({ job }) =>
      job.steps?.some(({ uses }) => uses?.startsWith("google-github-actions/auth@")),
    );
    expect(identified.map(({ where }) => where)).toEqual(loggedIn.map(({ where }) => where));
    expect(loggedIn.filter(({ job }) => job.environment === undefined)).toEqual([]);
  });

  test("packages are installed before there are credentials", () => {
    for (const name of ["plan", "deploy"]) {
      const { steps = [] } = job("stack", name);
      const install = steps.findLastIndex(({ run }) => run?.includes("npm ci"));
      const login = steps.findIndex(({ uses }) => uses?.startsWith("google-github-actions/auth@"));
      expect(install).toBeGreaterThan(-1);
      expect(login).toBeGreaterThan(install);
    }
  });

  test("a called workflow is given the rights that its jobs ask for", () => {
    for (const { where, path, job } of jobs) {
      if (job.uses === undefined) continue;
      const called = workflows.get(job.uses.replace("./", ""));
      const asked = Object.values(called?.jobs ?? {}).map(
        ({ permissions }) => permissions ?? called?.permissions ?? {},
      );
      expect(granted(path, job.permissions), where).toEqual(Object.assign({}, ...asked));
    }
  });
});

describe("a preview with the provider has nothing that it could use or spoil", () => {
  const script = job("preview", "provider").steps?.find(({ name }) => name?.startsWith("Preview with"))?.run ?? "";

  test("every stack is previewed", () => {
    const stacks = readdirSync(repository).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
    expect([...(job("preview", "provider").strategy?.matrix?.stack ?? [])].sort()).toEqual(stacks.sort());
  });

  test("its state is a directory, its token none, and Google a closed port", () => {
    expect(script).toContain('PULUMI_BACKEND_URL="file://$RUNNER_TEMP/state"');
    expect(script).toContain("GOOGLE_OAUTH_ACCESS_TOKEN=none HTTPS_PROXY=http://127.0.0.1:9");
    // The plugins come from elsewhere: they are there before the port is closed.
    expect(script.indexOf("pulumi install")).toBeLessThan(script.indexOf("HTTPS_PROXY"));
  });
});

describe("prod follows staging, and somebody's approval", () => {
  test("every stack of the repository is deployed, by the same workflow", () => {
    const stacks = readdirSync(repository).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
    expect(deployments.map(({ with: { stack } = {} }) => stack).sort()).toEqual(stacks.sort());
  });

  test("nothing is deployed that was not tested, or from another branch", () => {
    expect(workflow("deploy").on.push).toMatchObject({ branches: ["main"] });
    expect(workflow("deploy").jobs.test?.uses).toBe("./.github/workflows/test.yml");
    expect(deploymentOf("staging")?.needs).toBe("test");
    expect(deploymentOf("staging")?.if).toContain("github.ref == 'refs/heads/main'");
  });

  test("a broken staging is where it ends", () => {
    expect(deploymentOf("prod")?.needs).toBe("staging");
    // A condition of its own, such as always(), would let it start after a failure.
    expect(deploymentOf("prod")?.if).toBeUndefined();
  });

  test("a stack that is prod asks for an approval", () => {
    for (const { with: { stack, approval = false } = {} } of deployments) {
      const { config } = parse(readFileSync(resolve(repository, `Pulumi.${stack}.yaml`), "utf8"));
      expect(approval, String(stack)).toBe(config["agent-worker:environment"] === "prod");
    }
  });

  test("the plan has an environment of its own, whose credentials need no approval and can only read", () => {
    expect(job("stack", "plan").environment).toMatch(/^\$\{\{ inputs.stack \}\}-plan$/);
    expect(job("stack", "deploy").environment).toMatch(/^\$\{\{ inputs.stack \}\}$/);
    expect(job("stack", "deploy").needs).toBe("plan");
  });

  test("what was approved is what is applied", () => {
    const step = (name: string, action: string) =>
      job("stack", name).steps?.find(({ uses }) => uses?.startsWith(action));
    const upload = step("plan", "actions/upload-artifact@")?.with;
    expect(step("deploy", "actions/download-artifact@")?.with?.name).toBe(upload?.name);
    const saved = /pulumi preview .*--save-plan (\S+)/.exec(scripts)?.[1];
    expect(upload?.path).toBe(saved);
    const ups = [...scripts.matchAll(/pulumi up (.*)/g)].map(([, flags]) => flags);
    expect(ups).toEqual([expect.stringContaining(`--plan ${saved} `)]);
  });

  test("what is planned, and what is applied, is held to the policies, with no exception but the stack's own", () => {
    const held = '--policy-pack policies --policy-pack-config "policies/stacks/$STACK.json" ';
    const planned = [...scripts.matchAll(/pulumi (?:preview .*--save-plan|up) .*/g)].map(([line]) => line);
    expect(planned).toHaveLength(2);
    expect(planned.filter((line) => !line.includes(held))).toEqual([]);
  });

  test("every stack has the file of its exceptions, and what the CLI takes no notice of is not in it", () => {
    for (const { with: given } of deployments) {
      const file = readFileSync(resolve(repository, configurationFile(String(given?.stack))), "utf8");
      expect(readConfiguration(file, policies).size).toBe(policies.length);
    }
  });

  test("what is in the plan is not for everybody, and not for ever", () => {
    const { steps = [] } = job("stack", "plan");
    const upload = steps.find(({ uses }) => uses?.startsWith("actions/upload-artifact@"));
    expect(upload?.with?.["retention-days"]).toBeLessThanOrEqual(7);
    expect(scripts).not.toContain("--show-secrets");
  });

  test("a deletion that is refused is refused before anything else is deleted", () => {
    expect(scripts).not.toMatch(/--skip-preview|pulumi up .* -f\b/);
    // The action's own `up` skips it.
    const own = steps.filter(
      ({ step }) => step.uses?.startsWith("pulumi/actions@") && step.with?.command !== undefined,
    );
    expect(own).toEqual([]);
  });

  test("a stack is deployed once at a time, and never cut off for a newer deployment", () => {
    const groups = deployments.map(({ concurrency }) => concurrency?.group);
    expect(new Set(groups).size).toBe(deployments.length);
    expect(groups).not.toContain(undefined);
    expect(deployments.filter(({ concurrency }) => concurrency?.["cancel-in-progress"] !== false)).toEqual([]);
  });

  test("a deployment is green when Cloud Run and the state say so", () => {
    const after = job("stack", "deploy").steps?.map(({ run = "" }) => run) ?? [];
    const up = after.findIndex((run) => run.startsWith("pulumi up "));
    const checks = after.slice(up + 1).join("\n");
    expect(checks).toContain("jobs-are-ready.ts");
    expect(checks).toMatch(/pulumi preview .*--refresh --expect-no-changes/);
  });
});

describe("what the workflows rely on is there", () => {
  test("the CLI is the release of the SDK", () => {
    const versions = steps.flatMap(({ step }) => step.with?.["pulumi-version"] ?? []);
    expect(versions.length).toBeGreaterThan(1);
    expect(new Set(versions)).toEqual(new Set([manifest.dependencies["@pulumi/pulumi"]]));
  });

  test("the Node of the lock file", () => {
    const names = [...scripts.matchAll(/node_modules\/(node-[\w-]+)\/bin/g)].map(([, name = ""]) => name);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !(name in manifest.optionalDependencies))).toEqual([]);
  });

  test("scripts and npm scripts", () => {
    const files = [...scripts.matchAll(/(?:node|bash) (\S+)/g)].map(([, file = ""]) => file);
    expect(files).toContain(".ci/run");
    expect(files.filter((file) => !statSync(resolve(repository, file), { throwIfNoEntry: false })?.isFile())).toEqual(
      [],
    );
    const named = [...scripts.matchAll(/npm run (?:-s )?([\w:-]+)|npm (test)/g)].map(
      ([, run, test]) => run ?? test ?? "",
    );
    expect(named.filter((name) => !(name in manifest.scripts))).toEqual([]);
  });

  test("the README's test command", () => {
    expect(scripts).toMatch(/^npm ci && npm test$/m);
  });

  test("variables and environments that docs/github.md tells how to set", () => {
    const page = readFileSync(resolve(repository, "docs/github.md"), "utf8");
    const read = [...texts.values()].flatMap((text) => [...text.matchAll(/vars\.(\w+)/g)].map(([, name = ""]) => name));
    const set = [...page.matchAll(/gh variable set (\w+)/g)].map(([, name = ""]) => name);
    expect(new Set(read)).toEqual(new Set(set));
    const environments = deployments.flatMap(({ with: { stack } = {} }) => [`${stack}-plan`, stack]);
    expect(/for ENVIRONMENT in (staging.*); do/.exec(page)?.[1]?.split(" ")).toEqual(environments);
  });

  test("a job ends some day", () => {
    const own = jobs.filter(({ job }) => job.steps !== undefined);
    expect(own.filter(({ job }) => job["timeout-minutes"] === undefined)).toEqual([]);
  });
});
