/** What the demo says must be true: its checks fail when a call is made twice, never, or a takeover comes too soon. */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { picture } from "../../scripts/demo/picture.ts";
import { type Call, momentsBetween, type Scene, type SeenCampaign } from "../../scripts/demo/scene.ts";
import { callsEach, campaignIds } from "../../scripts/demo/stage.ts";
import { type Told, verdict } from "../../scripts/demo/verdict.ts";

const [first, second] = campaignIds;
const calls: readonly Call[] = campaignIds.flatMap((campaign) =>
  Array.from({ length: callsEach }, (_, cursor) => ({
    campaign,
    cursor,
    attempt: `${campaign}-${cursor}`,
    by: "A" as const,
  })),
);
const asPromised: Told = {
  calls,
  killedAt: 5,
  takenOverAt: 55.3,
  open: { campaign: first, cursor: 1 },
  statuses: { [first]: "completed", [second]: "completed" },
};
const passed = (told: Partial<Told>) => verdict({ ...asPromised, ...told }).map(({ passed }) => passed);

describe("the demo's checks", () => {
  test("pass when all went as promised", () => {
    expect(passed({})).toEqual([true, true, true, true]);
  });

  test.each<[string, Partial<Told>, number[]]>([
    ["a patient is called twice", { calls: [...calls, calls[5] as Call] }, [0]],
    ["the open call is made again", { calls: [...calls, calls[1] as Call] }, [0, 2]],
    ["a patient is never called", { calls: calls.slice(0, -1) }, [0]],
    ["the takeover comes while the owner may still act", { takenOverAt: 34 }, [1]],
    ["the takeover comes later than promised", { takenOverAt: 60 }, [1]],
    ["nobody takes over", { takenOverAt: undefined }, [1]],
    ["A was in no call when it was killed", { open: undefined }, [2]],
    ["a campaign is not completed", { statuses: { [first]: "running", [second]: "completed" } }, [3]],
  ])("fail when %s", (_, told, failed) => {
    expect(passed(told)).toEqual([0, 1, 2, 3].map((check) => !failed.includes(check)));
  });
});

const running = (fields: Partial<SeenCampaign>): SeenCampaign => ({
  id: first,
  status: "running",
  owner: "A",
  epoch: 1,
  cursor: 1,
  open: { cursor: 1, epoch: 1, claimId: "c", attemptId: "a-1", effect: "dial" },
  heartbeatAge: 0.4,
  ...fields,
});
const scene = (campaign: SeenCampaign, fields: Partial<Scene> = {}): Scene => ({
  at: 55,
  campaigns: [campaign],
  calls: [],
  killedAt: 5,
  still: [],
  ...fields,
});

describe("the demo's story", () => {
  const moments = (after: Partial<SeenCampaign>) =>
    momentsBetween(scene(running({})), scene(running({ owner: "B", epoch: 2, ...after }))).map(({ text }) => text);

  test("tells of a takeover and of a call that was looked up, also when both came between two looks", () => {
    expect(moments({ cursor: 2, open: undefined })).toEqual([
      `B takes ${first} over under epoch 2, 50.0 s after A's death: no write of A's fits any more`,
      `B looks up A's open call to patient 2 of ${first}: it was made. Nobody makes it again`,
    ]);
  });

  test("does not say that a call was made that was found absent", () => {
    expect(moments({ open: undefined })[1]).toContain("it never happened");
  });

  test("says nothing of a call that nobody has looked up yet", () => {
    expect(moments({})).toHaveLength(1);
  });

  test("shows how far the watch is, within the terminal", () => {
    const still = [{ id: first, unmovedSeconds: 25, dueInSeconds: 24 }];
    const lines = picture(scene(running({}), { still }), [], "a test", { width: 100, colour: false });
    expect(lines.join("\n")).toContain(`${"█".repeat(20)}${"░".repeat(20)} 25 of 49 s without a heartbeat`);
    expect(lines.join("\n")).toContain("✓ ☎ · ·  patient 2: called or not? Nobody has said");
  });
});

test("a word that the demo does not know is wrong usage", () => {
  const demo = resolve(import.meta.dirname, "../../scripts/demo.ts");
  const { status, stderr } = spawnSync(process.execPath, [demo, "--memroy"], { encoding: "utf8" });
  expect(status).toBe(2);
  expect(stderr).toContain("usage: npm run -s demo");
});
