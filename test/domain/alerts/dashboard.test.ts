import { describe, expect, test } from "vitest";
import { planDashboard } from "../../../domain/alerts/dashboard.ts";
import { planStack } from "../../../domain/plan.ts";
import { clinic } from "../../support/stories/stories.ts";

const one = planDashboard(clinic());
const apart = planDashboard(clinic({ rounds: { project: "careflow-478811" } }));

/** Every value in a JSON, with its path. */
function walk(value: unknown, path = ""): readonly (readonly [string, unknown])[] {
  if (typeof value !== "object" || value === null) return [[path, value]];
  const inner = Object.entries(value);
  return inner.length === 0 ? [[path, value]] : inner.flatMap(([key, child]) => walk(child, `${path}.${key}`));
}

function titles(plans: typeof one): readonly string[] {
  return plans.flatMap(({ json }) =>
    walk(json).flatMap(([path, value]) => (/widget\.title$/.test(path) ? [String(value)] : [])),
  );
}

describe("the dashboard", () => {
  test("holds nothing that Google would leave out, which every preview would show as a difference", () => {
    const empty = (value: unknown) =>
      value === 0 || value === "" || value === null || value === undefined || typeof value === "object";
    expect([...one, ...apart].flatMap(({ json }) => walk(json)).filter(([, value]) => empty(value))).toEqual([]);
  });

  test("shows everything that was asked for", () => {
    const all = titles(one).join("\n");
    const wanted = [
      /Runbook/,
      /Launches/,
      /Executions that ended/,
      /Running executions, and office hours/,
      /Heartbeats/,
      /Orphaned/,
      /Attempts of rounds/,
      /retried/,
      /Duration of a round/,
      /95th percentile/,
      /Patients queried and calls initiated/,
      /Twilio/,
    ];
    expect(wanted.filter((title) => !title.test(all))).toEqual([]);
  });

  test("reads only metrics that exist: none of Cloud Scheduler, which publishes none", () => {
    const queries = one.flatMap(({ json }) => walk(json).filter(([path]) => path.endsWith("prometheusQuery")));
    const metrics = queries.flatMap(([, query]) =>
      [...String(query).matchAll(/([a-z_]+_com):/g)].map(([, domain]) => domain),
    );
    expect([...new Set(metrics)].sort()).toEqual(["logging_googleapis_com", "run_googleapis_com"]);
  });

  test("tiles fill a grid of twelve columns without lying on each other", () => {
    for (const { json } of [...one, ...apart]) {
      const { tiles } = json.mosaicLayout as {
        tiles: { xPos?: number; yPos?: number; width: number; height: number }[];
      };
      const places = tiles.map(({ xPos = 0, yPos = 0 }) => `${xPos} ${yPos}`);
      expect(new Set(places).size).toBe(tiles.length);
      expect(tiles.filter(({ xPos = 0, width }) => xPos + width > 12)).toEqual([]);
    }
  });

  test("there is one a project, since a project sees its own metrics alone", () => {
    expect(one.map(({ project }) => project)).toEqual(["clinic-486203"]);
    expect(apart.map(({ project, displayName }) => `${project}: ${displayName}`)).toEqual([
      "clinic-486203: agent-worker prod: workers",
      "careflow-478811: agent-worker prod: rounds",
    ]);
    expect(JSON.stringify(apart[0])).not.toContain("careflow");
  });

  test("there is none without alerts, whose metrics it shows", () => {
    const { settings, ...stack } = clinic();
    expect(planDashboard({ ...stack, settings: {} })).toEqual([]);
    expect(settings.alerts).toBeDefined();
  });

  test("a worker that is only prepared has nothing to show", () => {
    const stack = planStack({
      "gcp:project": "clinic-486203",
      "gcp:region": "us-central1",
      environment: "staging",
      workers: {
        dental: {
          command: ["worker"],
          officeHours: {
            timeZone: "Asia/Karachi",
            week: { weekday: { days: "mon-fri", open: "09:00", close: "17:00" } },
          },
        },
      },
      alerts: {},
    });
    expect(planDashboard(stack)).toEqual([]);
  });
});
