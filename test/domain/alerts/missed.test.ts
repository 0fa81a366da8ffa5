import { expect, test } from "vitest";
import { expectedStarts } from "../../../domain/alerts/conditions/missed.ts";
import { planStack } from "../../../domain/plan.ts";

function startOf(open: string, lead: string) {
  const { workers } = planStack({
    "gcp:project": "clinic-486203",
    "gcp:region": "us-central1",
    environment: "prod",
    workers: {
      dental: {
        image: "us-docker.pkg.dev/clinic-486203/agents/dental:1",
        command: ["worker"],
        lead,
        officeHours: {
          timeZone: "Asia/Karachi",
          week: { weekday: { days: "mon-fri", open, close: "12:00" } },
          holidays: ["2026-12-25"],
        },
      },
    },
  });
  return workers.flatMap(expectedStarts).map(({ job, except }) => [job.cron, ...except]);
}

test("nobody misses a holiday's start", () => {
  expect(startOf("09:00", "30m")).toEqual([["30 8 * * 1-5", "2026-12-25"]]);
});

test("a start on the eve of a holiday, for an opening just after midnight, is not missed either", () => {
  expect(startOf("00:15", "30m")).toEqual([["45 23 * * 0-4", "2026-12-24"]]);
});
