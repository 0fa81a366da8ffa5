import type { Calendar } from "../../domain/calendar.ts";
import type { Window } from "../../domain/hours.ts";
import { planStack, type StackPlan } from "../../domain/plan.ts";
import { DAY, parseDays, parseTime } from "../../domain/week.ts";

/** `window("night", "fri-sun 20:00-06:00")`; a closing at or before the opening is the next day's. */
export function window(name: string, hours: string): Window {
  const [days = "", times = ""] = hours.split(" ");
  const [open = -1, close = -1] = times.split("-").map((time) => parseTime(time) ?? -1);
  return { name, days: parseDays(days) ?? [], open, close: close > open ? close : close + DAY };
}

/** A calendar in Karachi, where no clock ever changes, without holidays, lead and drain. */
export function calendar(windows: readonly Window[], other: Partial<Calendar> = {}): Calendar {
  return { timeZone: "Asia/Karachi", windows, holidays: [], lead: 0, drain: 0, ...other };
}

/** The hours of source 001; it gives no closing times. */
export const dental = [window("weekday", "mon-fri 09:00-17:00"), window("saturday", "sat 10:00-14:00")];

/** Settings of a worker with the hours of source 001. */
export const dentalWorker = {
  image: `us-central1-docker.pkg.dev/ortho-ai-485203/agent-repo/dental-agent-worker@sha256:${"0".repeat(64)}`,
  command: ["python", "worker_main.py"],
  officeHours: {
    timeZone: "Asia/Karachi",
    week: {
      weekday: { days: "mon-fri", open: "09:00", close: "17:00" },
      saturday: { days: "sat", open: "10:00", close: "14:00" },
    },
  },
};

/** Settings of the rounds of source 002. */
export const careflow = {
  project: "careflow-478811",
  service: { name: "careflow-agent", url: "https://careflow-agent-abc123-uc.a.run.app", requestTimeout: "600s" },
  timeZone: "America/New_York",
  daily: { morning: "08:15", noon: "12:15", evening: "20:15" },
};

/** The plan of a stack in us-central1. */
export function stack(sections: Record<string, unknown>): StackPlan {
  return planStack({
    "gcp:project": "ortho-ai-485203",
    "gcp:region": "us-central1",
    environment: "prod",
    ...sections,
  });
}

/** The instant of a UTC time, `2026-11-23 04:00`. */
export function utc(text: string): number {
  return Date.parse(`${text.replace(" ", "T")}Z`);
}

/** The UTC time of an instant, to the minute. */
export function shown(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace("T", " ");
}
