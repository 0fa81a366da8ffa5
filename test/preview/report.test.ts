import stringWidth from "string-width";
import { beforeAll, describe, expect, test } from "vitest";
import { planStack } from "../../domain/plan.ts";
import { configurationOf } from "../../domain/settings/configuration.ts";
import { jsonReport } from "../../preview/report/json.ts";
import { type StackReport, stackReport } from "../../preview/report/model.ts";
import { summary, textReport } from "../../preview/report/text.ts";
import type { DeclaredStack } from "../../preview/resources.ts";
import { readStack } from "../../preview/stack/stack-files.ts";
import { outcomesOf, repository, stacksOf } from "../support/stack-previews.ts";

const now = Date.UTC(2026, 10, 22, 8);

/** A week with a night over midnight, two windows of one shift, a lead, and a worker that is only prepared. */
const night = {
  "gcp:project": "clinic-project",
  "gcp:region": "us-central1",
  "agent-worker:environment": "staging",
  "agent-worker:images": { repository: "agents" },
  "agent-worker:workers": {
    "night-worker": {
      image: "us-central1-docker.pkg.dev/clinic-project/agents/night:1",
      command: ["python", "worker_main.py"],
      lead: "30m",
      officeHours: {
        timeZone: "America/New_York",
        week: {
          night: { days: "fri-sun", open: "22:00", close: "06:00" },
          morning: { days: "mon", open: "08:00", close: "12:00" },
          afternoon: { days: "mon", open: "12:30", close: "16:00" },
        },
        holidays: ["2026-11-27"],
      },
      secrets: { TOKEN: { secret: "control-token", generate: { rotations: ["2026-q4"] } } },
    },
    "next-worker": {
      command: ["python", "worker_main.py"],
      officeHours: { timeZone: "Europe/London", week: { day: { days: "mon", open: "09:00", close: "17:00" } } },
      secrets: { LIVEKIT_URL: { secret: "livekit-url", version: "1" } },
    },
  },
};

let declared: DeclaredStack;
let shipped: StackReport;
let nights: StackReport;

beforeAll(async () => {
  const [prod] = await stacksOf(repository, ["prod"]);
  const { config, project } = await readStack(repository, "prod");
  const plan = planStack(configurationOf(config, project.name));
  if (prod === undefined) throw new Error("prod was not previewed");
  declared = prod;
  shipped = stackReport(prod, plan, now);

  const { nights: outcome } = await outcomesOf({ nights: night });
  if (!outcome.ok) throw new Error(outcome.messages.join("\n"));
  const configuration = Object.fromEntries(
    Object.entries(night).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
  nights = stackReport(outcome.declared, planStack(configurationOf(configuration, "agent-worker")), now);
});

describe("the text report", () => {
  test.each([80, 160])("fits a terminal of %i columns", (width) => {
    for (const report of [shipped, nights]) {
      // A command is one line, whatever its length: it is there to be pasted.
      const lines = textReport(report, { width, colour: false })
        .split("\n")
        .filter((line) => !/^ {5}(gcloud|docker|pulumi|read) /.test(line));
      expect(lines.filter((line) => stringWidth(line) > width)).toEqual([]);
    }
  });

  test("says how each worker and round runs, in the clinic's own time and in UTC", () => {
    const text = textReport(shipped, { width: 120, colour: false });
    expect(text).toContain("Mon 2026-11-23 09:00  2026-11-23 04:00 UTC");
    expect(text).toContain("Sun 2026-11-22 08:15  2026-11-22 13:15 UTC");
    expect(text).toContain("Sun 2027-03-14 08:15  2027-03-14 12:15 UTC  clocks changed");
  });

  test("shows what the job is: size, timeout, image, secrets by name and version", () => {
    const text = textReport(shipped, { width: 1000, colour: false });
    expect(text).toMatch(
      /Cloud Run job dental-agent-worker {2}2 vCPU, 4Gi · timeout 8h25m · 3 retries · image dental-agent-worker@[0-9a-f]{12}/,
    );
    expect(text).toContain("LIVEKIT_URL (livekit-url 1)");
    expect(text).toContain("· protected");
  });

  test("draws a component that has nothing in it: two of them are not one", () => {
    const [stack] = shipped.resources;
    if (stack === undefined) throw new Error("a report without its stack");
    const empty = (label: string) => ({ ...stack, urn: label, label, kind: "component", facts: [], parent: stack.urn });
    const text = textReport(
      { ...shipped, resources: [stack, empty("first"), empty("second")] },
      { width: 80, colour: false },
    );
    expect(text).toMatch(/├─ first .*\n.*└─ second /);
  });

  test("says whom each alert tells: an alert that tells nobody is found by nobody else", () => {
    expect(textReport(shipped, { width: 1000, colour: false })).toMatch(
      /5 alert policies .* · critical · tells oncall/,
    );
  });

  test("says that a start on a holiday does nothing", () => {
    expect(textReport(nights, { width: 120, colour: false })).toMatch(/Fri 2026-11-27 21:30 .* holiday/);
  });

  test("draws the hours of a night on both days that it touches, and the lead before it", () => {
    const [, , , , friday, saturday] = textReport(nights, { width: 100, colour: false })
      .split("\n")
      .filter((line) => /^ {2}(mon|tue|wed|thu|fri|sat|sun) {2}/.test(line));
    expect(friday).toMatch(/^ {2}fri {2}·{43}░████ {2}22:00-24:00$/);
    expect(saturday).toMatch(/^ {2}sat {2}█{12}▒·{30}░████ {2}00:00-06:00, 22:00-24:00$/);
  });

  test("tells of a worker without an image what to do next, in order, and counts it apart", () => {
    const text = textReport(nights, { width: 120, colour: false });
    expect(text).toContain("1 worker · 1 prepared");
    expect(text).toContain("prepared only: no image yet");
    const steps = text.slice(text.indexOf("What comes next"));
    const order = ["docker push", "gcloud secrets versions add livekit-url", "pulumi up"].map((word) =>
      steps.indexOf(word),
    );
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order).not.toContain(-1);
  });

  test("has no colour where none is wanted, and the same words where it is", () => {
    const plain = textReport(shipped, { width: 100, colour: false });
    const coloured = textReport(shipped, { width: 100, colour: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape is what is looked for.
    const escapes = /\u001b\[[0-9;]*m/g;
    expect(plain).not.toMatch(escapes);
    expect(coloured).toMatch(escapes);
    expect(coloured.replaceAll(escapes, "")).toBe(plain);
  });

  test("names every project in which something is declared, that of the images too", () => {
    const images = { repository: "agents", project: "image-project" };
    const stack = {
      "gcp:project": "clinic-project",
      "gcp:region": "us-central1",
      "agent-worker:environment": "staging",
    };
    const titled = (configuration: Record<string, string>): string | undefined => {
      const plan = planStack(configurationOf(configuration, "agent-worker"));
      return textReport(stackReport({ ...declared, stack: "small" }, plan, now), { width: 160, colour: false }).split(
        "\n",
      )[0];
    };
    expect(titled({ ...stack, "agent-worker:images": JSON.stringify(images) })).toMatch(/, in image-project$/);
    expect(titled(stack)).toMatch(/, environment staging$/);
  });

  test("says that it is not pulumi preview", () => {
    expect(textReport(shipped, { width: 120, colour: false })).toContain("This is not `pulumi preview`");
  });
});

describe("the JSON report", () => {
  test("masks a generated secret's payload, and marks what is known only after the deployment", () => {
    const report = JSON.parse(jsonReport([{ report: nights }])) as { stacks: [StackReport] };
    const versions = report.stacks[0].resources.filter(({ type }) => type.endsWith(":SecretVersion"));
    expect(versions).toHaveLength(1);
    expect(versions[0]?.inputs).toMatchObject({ secretData: "[secret]" });
    // Its number is the cloud's to give, and the worker's job reads it.
    const jobs = report.stacks[0].resources.filter(({ type }) => type === "gcp:cloudrunv2/job:Job");
    expect(JSON.stringify(jobs)).toContain('"secretKeyRef":{"secret":"control-token","version":"[unknown]"}');
  });

  test("keeps the order of the program, and says its version", () => {
    const report = JSON.parse(jsonReport([{ report: shipped }])) as { stacks: [StackReport] };
    expect(report).toMatchObject({ version: 1, stacks: [{ ok: true, stack: "prod" }] });
    expect(report.stacks[0].resources.map(({ urn }) => urn)).toEqual(declared.resources.map(({ urn }) => urn));
  });

  test("tells money without the noise of adding it up", () => {
    const { total, items, alertPolicies } = shipped.cost;
    const amounts = [total, ...items].flatMap(({ gross, net }) => [gross, net]);
    for (const amount of [...amounts, alertPolicies?.low, alertPolicies?.high]) {
      expect(String(amount)).toMatch(/^\d+(\.\d{1,4})?$/);
    }
  });
});

describe("what the policies say", () => {
  const urnOf = (name: string) => declared.resources.find((resource) => resource.name === name)?.urn ?? "";
  const morning = () => urnOf("rounds-morning");
  const noon = () => urnOf("rounds-noon");
  const finding = (level: "mandatory" | "advisory", urn: string | undefined, problem = "is wrong.") => ({
    rule: "labels",
    level,
    ...(urn === undefined ? {} : { urn }),
    problem,
    remedy: "Mend it.",
  });
  const told = (policies: StackReport["policies"]) => ({
    text: textReport({ ...shipped, policies }, { width: 200, colour: false }),
    line: summary({ ...shipped, policies }, { width: 1000, colour: false })[0] ?? "",
  });

  test("is counted by level, and a stack with a mandatory finding is not said to be right", () => {
    const { text, line } = told([finding("mandatory", morning()), finding("advisory", noon(), "is odd.")]);
    expect(text).toContain("Policies  1 mandatory, 1 advisory");
    expect(line).toMatch(/^✗ prod .* policies: 1 mandatory, 1 advisory$/);
    expect(told([finding("advisory", noon())]).line).toMatch(/^✓ prod .* policies: 1 advisory$/);
    expect(told([]).line).toMatch(/^✓ prod .* policies: all kept$/);
  });

  test("names rule, resource and remedy", () => {
    const { text } = told([finding("mandatory", morning())]);
    expect(text).toMatch(/✗ mandatory {2}labels\n +scheduler job careflow-morning-rounds\n +is wrong\. Mend it\.\n/);
  });

  test("is said once of all resources of which the same is to be said, and of a stack as a whole", () => {
    const { text } = told([
      finding("mandatory", morning()),
      finding("mandatory", noon()),
      finding("mandatory", undefined, "is bare."),
    ]);
    expect(text).toMatch(/\n +2 scheduler jobs: careflow-morning-rounds, careflow-noon-rounds\n +is wrong\./);
    expect(text).toMatch(/✗ mandatory {2}labels\n +is bare\. Mend it\./);
    expect(text.match(/is wrong/g)).toHaveLength(1);
  });

  test("fits a narrow terminal", () => {
    const policies = [finding("mandatory", morning(), "a long story ".repeat(20))];
    const lines = textReport({ ...shipped, policies }, { width: 60, colour: false }).split("\n");
    expect(lines.filter((line) => line.includes("long story") && stringWidth(line) > 60)).toEqual([]);
  });

  test("is in JSON as it is", () => {
    const { stacks } = JSON.parse(jsonReport([{ report: shipped }])) as { stacks: [{ policies: unknown[] }] };
    expect(stacks[0].policies).toHaveLength(3);
    expect(stacks[0].policies[0]).toEqual({
      rule: "retries-repeat-calls",
      level: "advisory",
      urn: morning(),
      problem: expect.stringContaining("may call the same patients again"),
      remedy: expect.stringContaining("idempotent: true"),
    });
  });
});

describe("a control character in a name", () => {
  const hostile = "\u001b[2J\u001b]0;prod\u0007\u009b1A\u007f\n✓ forged";
  const written = "\\u001b[2J\\u001b]0;prod\\u0007\\u009b1A\\u007f";
  /** Every text of the report ends in it, but for the words that the report itself looks for. */
  const poisoned = (): StackReport => ({
    ...shipped,
    stack: `prod${hostile}`,
    projects: [hostile],
    resources: shipped.resources.map((each) => ({
      ...each,
      label: each.label + hostile,
      facts: each.facts.map((fact) => fact + hostile),
    })),
    workers: shipped.workers.map((each) => ({ ...each, worker: each.worker + hostile })),
    rounds: shipped.rounds.map((each) => ({ ...each, name: each.name + hostile })),
    cost: { ...shipped.cost, assumptions: [hostile] },
    remarks: [{ path: `workers.${hostile}`, problem: hostile, remedy: hostile }],
    policies: [{ rule: "labels", level: "mandatory", problem: hostile, remedy: hostile }],
    steps: [{ about: hostile, operation: hostile, why: hostile, command: hostile }] as never,
  });

  test("reaches no terminal: it is written out, and forges no line", () => {
    const text = textReport(poisoned(), { width: 120, colour: false });
    expect(text).toContain(`prod${written}`);
    expect(text.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    expect(text.split("\n").filter((line) => line.startsWith("✓ forged"))).toEqual([]);
    expect(summary(poisoned(), { width: 1000, colour: false })[0]).toContain(`✗ prod${written}`);
  });

  test("is the same character in JSON, and still none that a terminal obeys", () => {
    const text = jsonReport([{ report: poisoned() }]);
    expect(text.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    expect(JSON.parse(text)).toMatchObject({ stacks: [{ stack: `prod${hostile}` }] });
  });
});
