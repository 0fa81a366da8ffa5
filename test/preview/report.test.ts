import stringWidth from "string-width";
import { beforeAll, describe, expect, test } from "vitest";
import { planStack } from "../../domain/plan.ts";
import { configurationOf } from "../../domain/settings/configuration.ts";
import { jsonReport } from "../../preview/report/json.ts";
import { type StackReport, stackReport } from "../../preview/report/model.ts";
import { textReport } from "../../preview/report/text.ts";
import { readStack } from "../../preview/stack-files.ts";
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

let shipped: StackReport;
let nights: StackReport;

beforeAll(async () => {
  const [prod] = await stacksOf(repository, ["prod"]);
  const { config, project } = await readStack(repository, "prod");
  const plan = planStack(configurationOf(config, project.name));
  if (prod === undefined) throw new Error("prod was not previewed");
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
  });

  test("keeps the order of the program, and says its version", () => {
    const once = jsonReport([{ report: shipped }]);
    expect(JSON.parse(once)).toMatchObject({ version: 1, stacks: [{ ok: true, stack: "prod" }] });
    expect(once).toBe(jsonReport([{ report: shipped }]));
  });
});
