import type { ContextArgs } from "../../components/checked.ts";
import type { PatientRoundsArgs } from "../../components/patient-rounds.ts";
import type { WorkerInput } from "../../domain/settings/worker.ts";

/** A clinic as small as it gets; each test changes the fields that matter to it. */
export const staging: ContextArgs = { environment: "staging", project: "clinic-project", region: "us-central1" };
export const prod: ContextArgs = { ...staging, environment: "prod" };

export const image = `us-central1-docker.pkg.dev/clinic-project/agents/dental@sha256:${"0".repeat(64)}`;

export function worker(changes: Partial<WorkerInput> = {}): WorkerInput & { image: string | undefined } {
  return {
    command: ["python", "worker_main.py"],
    officeHours: {
      timeZone: "Asia/Karachi",
      week: { weekday: { days: "mon-fri", open: "09:00", close: "17:00" } },
    },
    image,
    ...changes,
  };
}

export function rounds(changes: Partial<PatientRoundsArgs> = {}): PatientRoundsArgs {
  return {
    ...staging,
    service: { name: "careflow-agent", url: "https://careflow-agent.example.run.app", requestTimeout: "600s" },
    timeZone: "America/New_York",
    daily: { morning: "08:15" },
    ...changes,
  };
}

/** The value of a declared resource's input, at a dotted path. */
export function at(inputs: unknown, path: string): unknown {
  return path.split(".").reduce((value: unknown, key) => (value as Record<string, unknown> | undefined)?.[key], inputs);
}
