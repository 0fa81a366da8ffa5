import { encodeCalendar, variable } from "../../../domain/contract.ts";

/** The environment of a Job of a clinic that is open now, and for hours. */
export function openForHours(job: string): Readonly<Record<string, string>> {
  const anHourAgo = new Date(Date.now() - 3_600_000);
  const open = anHourAgo.getUTCHours() * 60 + anHourAgo.getUTCMinutes();
  const calendar = {
    timeZone: "UTC",
    windows: [{ name: "always", days: [1, 2, 3, 4, 5, 6, 7] as const, open, close: open + 6 * 60 }],
    holidays: [],
    lead: 0,
    drain: 0,
  };
  return {
    [variable.job]: `projects/bench/locations/us-central1/jobs/${job}`,
    [variable.calendar]: encodeCalendar(calendar),
  };
}
