import { describe, expect, test } from "vitest";
import type { RoundsPlan } from "../../domain/rounds.ts";
import { careflow, stack } from "./clinic.ts";

function roundsOf(changes: Record<string, unknown> = {}, environment = "prod"): RoundsPlan {
  const { rounds } = stack({ environment, rounds: { ...careflow, ...changes } });
  if (rounds === undefined) throw new Error("no rounds");
  return rounds;
}

describe("the rounds of source 002", () => {
  test.each([
    ["careflow-morning-rounds", "15 8 * * *", 8],
    ["careflow-noon-rounds", "15 12 * * *", 12],
    ["careflow-evening-rounds", "15 20 * * *", 20],
  ])("%s runs at %s with scheduleHour %i", (name, cron, scheduleHour) => {
    const round = roundsOf().rounds.find((candidate) => candidate.name === name);
    expect(round).toMatchObject({
      cron,
      timeZone: "America/New_York",
      project: "careflow-478811",
      region: "us-central1",
      attemptDeadline: 600,
      retry: { count: 3, minBackoff: 60, maxBackoff: 300, maxDoublings: 5 },
    });
    expect(round?.body).toEqual({
      scheduleHour,
      timezone: "America/New_York",
      triggerType: "scheduled",
      source: "cloud-scheduler",
      environment: "prod",
    });
  });

  test("are called by an account of their own, with a token for the service's origin", () => {
    const { accountEmail, rounds } = roundsOf();
    expect(accountEmail).toBe("careflow-scheduler@careflow-478811.iam.gserviceaccount.com");
    expect(rounds[0]?.uri).toBe("https://careflow-agent-abc123-uc.a.run.app/");
    expect(rounds[0]?.token).toEqual({ kind: "oidc", audience: "https://careflow-agent-abc123-uc.a.run.app" });
  });
});

test("a round may have days of its own", () => {
  const { rounds } = roundsOf({ daily: { morning: { at: "08:15", days: "mon-fri" } } });
  expect(rounds[0]).toMatchObject({ cron: "15 8 * * 1-5", days: [1, 2, 3, 4, 5] });
});

test("the body says staging in staging, so that the agent calls no patient of prod", () => {
  expect(roundsOf({}, "staging").rounds[0]?.body).toMatchObject({ environment: "staging" });
});

describe("hospitals", () => {
  const hospitals = {
    north: { id: "H-1", name: "North" },
    west: { id: "H-2", name: "West", timeZone: "America/Los_Angeles" },
  };
  const daily = { morning: "08:15" };

  test("get rounds of their own, in their zone and with their id, which tells the agent whom to call", () => {
    const { rounds } = roundsOf({ hospitals, general: false, daily });
    expect(rounds.map(({ name, timeZone, body }) => [name, timeZone, body?.timezone, body?.hospitalId])).toEqual([
      ["careflow-morning-rounds-north", "America/New_York", "America/New_York", "H-1"],
      ["careflow-morning-rounds-west", "America/Los_Angeles", "America/Los_Angeles", "H-2"],
    ]);
  });

  test("leave the general rounds as they are, where they go on", () => {
    const { rounds } = roundsOf({ hospitals, general: true, daily });
    expect(rounds.map(({ name }) => name)).toContain("careflow-morning-rounds");
    expect(rounds.find(({ hospital }) => hospital === undefined)?.body).not.toHaveProperty("hospitalId");
  });
});

test("an operator's pause survives unless the settings say otherwise", () => {
  expect(roundsOf().rounds[0]).not.toHaveProperty("paused");
  expect(roundsOf({ paused: false }).rounds[0]).toHaveProperty("paused", false);
});

test("rounds may live beside the workers, in the stack's own project and region", () => {
  expect(roundsOf({ project: undefined })).toMatchObject({ project: "ortho-ai-485203", region: "us-central1" });
  expect(roundsOf({ region: "us-east4" }).rounds[0]).toMatchObject({ project: "careflow-478811", region: "us-east4" });
});
