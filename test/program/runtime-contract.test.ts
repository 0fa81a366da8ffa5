/** What the program declares is what the runtime in the image accepts. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CONTRACT_VERSION, RUNTIME_PATH, variable } from "../../domain/contract.ts";
import { BuiltRuntime } from "../support/built-runtime.ts";
import { at } from "../support/clinic.ts";
import { ofType, repository, stacksOf } from "../support/stack-previews.ts";

interface DeclaredContainer {
  readonly commands?: readonly string[];
  readonly args?: readonly string[];
  readonly envs: readonly { readonly name: string; readonly value?: unknown }[];
}

const stacks = ["prod", "staging"] as const;
let built: BuiltRuntime;
let jobs: readonly { readonly stack: string; readonly container: DeclaredContainer }[];

beforeAll(async () => {
  built = new BuiltRuntime();
  jobs = (await stacksOf(repository, stacks)).flatMap((declared) =>
    ofType(declared, "Job").flatMap(({ inputs }) => {
      const container = at(inputs, "template.template.containers.0") as DeclaredContainer | undefined;
      return container === undefined ? [] : [{ stack: declared.stack, container }];
    }),
  );
}, 120_000);
afterAll(() => built.dispose());

/** As Cloud Run would start it; secrets hold something of their form, except the database's. */
function environmentOf({ envs }: DeclaredContainer): Record<string, string> {
  const given = envs
    .filter(({ name }) => name !== "MONGODB_URI")
    .map(({ name, value }) => [name, typeof value === "string" ? value : "a secret's text"]);
  return {
    ...Object.fromEntries(given),
    CLOUD_RUN_EXECUTION: "worker-x7k2p",
    CLOUD_RUN_TASK_INDEX: "0",
    CLOUD_RUN_TASK_ATTEMPT: "0",
  };
}

const jobOf = (stack: string) => {
  const found = jobs.filter((job) => job.stack === stack);
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`${stack} has ${found.length} Jobs`);
  return first.container;
};

describe.each(stacks)("the Job of %s", (stack) => {
  test("is accepted as it is declared, with nothing that the runtime does not know", async () => {
    const { code, stdout } = await built.run(["check", "--", "true"], environmentOf(jobOf(stack)));
    expect(stdout).toMatch(/^✓ the environment is right\n✓ the clinic is open mon-fri /);
    expect(stdout).not.toMatch(/^[!✗]/m);
    expect(code).toBe(0);
  });

  test("starts the runtime where the image has it, and gives it a worker to run", () => {
    const { commands, args } = jobOf(stack);
    expect(commands).toEqual([RUNTIME_PATH]);
    expect(args?.[0]).toBe("--");
    expect(args?.length).toBeGreaterThan(1);
  });

  test("of a later program is refused before anything is started, and told what to do", async () => {
    const env = { ...environmentOf(jobOf(stack)), [variable.contract]: String(CONTRACT_VERSION + 1) };
    const { code, stdout } = await built.run(["--", "sh", "-c", "echo started >&2"], env);
    expect(code).toBe(64);
    expect(JSON.parse(stdout).problems).toEqual([
      expect.stringMatching(/^AGENT_CONTRACT 2 is newer .* Build the worker's image again/),
    ]);
  });

  test.each([variable.calendar, variable.job])(
    "that lost its %s is refused: it would run on, or beside another",
    async (name) => {
      const { [name]: _, ...env } = environmentOf(jobOf(stack));
      expect((await built.run(["check"], env)).code).toBe(64);
    },
  );

  test("runs its worker outside office hours when it is told to", async () => {
    const env = { ...environmentOf(jobOf(stack)), [variable.runFor]: "1s", AGENT_WORKER_HEALTH: "off" };
    const { code, stdout } = await built.run(["--", "sh", "-c", "echo the worker ran; exec sleep 20"], env);
    expect(stdout).toContain("the worker ran\n");
    expect(code).toBe(0);
  });
});
