import { describe, expect, test } from "vitest";
import { campaignsTable, shiftsTable } from "../../../runtime/commands/records.ts";
import type { Stored } from "../../../runtime/store/store.ts";
import { storeOf } from "./records-in-memory.ts";

const now = Date.UTC(2026, 10, 27, 3);
const ago = (seconds: number) => new Date(now - seconds * 1000);
const owner = (attempt: number) => `dental-x7k2p/0/${attempt}/3f9a17${"0".repeat(26)}`;

const campaigns: readonly Stored[] = [
  {
    id: "c-1",
    status: "running",
    lease: { owner: owner(0), claimId: "a", epoch: 3, hbSeq: 9, hbAt: ago(12), state: "held" },
    resume: { cursor: 41, dialing: { cursor: 41, epoch: 3, claimId: "a", attemptId: "room-1", effect: "dial" } },
    recovery: { count: 1 },
    // What belongs to others, and tells of a patient.
    phone: "+15550100",
    patientName: "Jane Doe",
  },
  { id: "c-2", status: "queued" },
  {
    id: "c-30",
    status: "quarantined",
    lease: { owner: "", epoch: 7, hbAt: ago(93_784), state: "free" },
    resume: { cursor: 2 },
    recovery: { count: 3 },
  },
  { id: "c-4", status: "completed" },
  { id: "c-5", status: "running" },
  { id: "c-6", status: "queued", resume: { cursor: "7" } },
  {
    id: "c-7",
    status: "interrupted",
    lease: { epoch: 1, hbAt: ago(60) },
    resume: { cursor: 9, unresolved: { 3: "room", 4: "" } },
  },
];
const unfinished = ["queued", "running", "interrupted", "quarantined"] as const;

describe("campaigns", () => {
  test("show at a glance who has which, how old its last sign of life is, and how far it is", async () => {
    expect(await campaignsTable(storeOf({ campaigns }), { statuses: unfinished, limit: 50 }, now)).toEqual([
      "CAMPAIGN  STATUS       LEASE                     OWNER                     HEARTBEAT  EPOCH  CURSOR  EFFECTS     RECOVERIES",
      "c-1       running      held                      dental-x7k2p/0/0/3f9a17…  12s        3      41      dial at 41  1",
      "c-2       queued       free                      -                         never      0      0       -           0",
      "c-30      quarantined  free                      -                         26h3m      7      2       -           3",
      "c-5       running      none: left alone          -                         never      0      0       -           0",
      "c-6       queued       resume.cursor unreadable  -                         never      0      0       -           0",
      "c-7       interrupted  free                      -                         1m         1      9       2 unknown   0",
      "",
      "6 campaigns.",
    ]);
  });

  test("show nothing that tells of a patient", async () => {
    const shown = (await campaignsTable(storeOf({ campaigns }), { statuses: unfinished, limit: 50 }, now)).join("\n");
    expect(shown).not.toMatch(/555|Jane|room-1/);
  });

  test("that are more than shown are not passed over in silence", async () => {
    const many = Array.from({ length: 1203 }, (_, index) => ({ id: `c-${10_000 + index}`, status: "queued" }));
    const lines = await campaignsTable(storeOf({ campaigns: many }), { statuses: ["queued"], limit: 1100 }, now);
    expect(lines.at(-1)).toBe("1100 campaigns shown, and there are more: --limit shows them.");
    expect(lines).toHaveLength(1 + 1100 + 2);
    expect(lines[1100]).toMatch(/^c-11099 /);
  });

  test("of no such status are none", async () => {
    expect(await campaignsTable(storeOf({ campaigns }), { statuses: ["failed"], limit: 50 }, now)).toEqual([
      "No campaign is failed.",
    ]);
    expect(await campaignsTable(storeOf({}), { statuses: unfinished, limit: 50 }, now)).toEqual([
      "No campaign is queued, running, interrupted or quarantined.",
    ]);
  });

  test("whose id would move the cursor of a terminal are written out", async () => {
    const hostile = [{ id: "c\u001b[2J", status: "queued" }];
    const shown = await campaignsTable(storeOf({ campaigns: hostile }), { statuses: ["queued"], limit: 5 }, now);
    expect(shown[1]).toContain("c\\u001b[2J");
  });
});

describe("shifts", () => {
  test("are those that were alive last, of whatever Job, also when the month has more than a page", async () => {
    const old = Array.from({ length: 700 }, (_, index) => ({
      id: `clinic/z-last-in-the-alphabet/${index}`,
      status: "completed",
      lease: { owner: owner(0), epoch: 1, hbAt: ago(86_400 + index), state: "free" },
    }));
    const today = {
      id: "clinic/dental/2026-11-27/day",
      status: "running",
      lease: { owner: owner(2), epoch: 2, hbAt: ago(250), state: "held" },
    };
    expect(await shiftsTable(storeOf({ shifts: [...old, today] }), 2, now)).toEqual([
      "SHIFT                            STATUS     LEASE  OWNER                     HEARTBEAT  EPOCH",
      "clinic/z-last-in-the-alphabet/0  completed  free   dental-x7k2p/0/0/3f9a17…  24h        1",
      "clinic/dental/2026-11-27/day     running    held   dental-x7k2p/0/2/3f9a17…  4m10s      2",
      "",
      "2 shifts shown, and there are more: --limit shows them.",
    ]);
  });
});
