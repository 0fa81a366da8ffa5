import { type Finding, FindingsError } from "../../../domain/findings.ts";
import { planStack } from "../../../domain/plan.ts";
import { careflow, dentalWorker } from "../clinic.ts";

/** Changes by the dotted path of what they change; `undefined` takes it away. */
export type Changes = Readonly<Record<string, unknown>>;

/** A whole stack that is right, with every section, and then changed. */
export function configuration(changes: Changes = {}): Record<string, unknown> {
  const whole: Record<string, unknown> = structuredClone({
    "gcp:project": "ortho-ai-485203",
    "gcp:region": "us-central1",
    environment: "prod",
    labels: { owner: "voice-platform" },
    images: { repository: "agent-repo" },
    workers: {
      dental: {
        ...dentalWorker,
        env: {},
        secrets: { LIVEKIT_URL: { secret: "livekit-url", version: "1" } },
        heartbeat: {},
      },
    },
    rounds: { ...careflow, retry: {}, hospitals: {} },
    alerts: { channels: { oncall: { email: "oncall@example.com" } } },
  });
  for (const [path, value] of Object.entries(changes)) put(whole, path.split("."), value);
  return whole;
}

function put(target: Record<string, unknown>, [head = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    if (value === undefined) delete target[head];
    else target[head] = value;
    return;
  }
  target[head] ??= {};
  put(target[head] as Record<string, unknown>, rest, value);
}

/** Everything that is said against a configuration; nothing when it can be deployed. */
export function findingsOf(written: unknown): readonly Finding[] {
  try {
    planStack(written);
    return [];
  } catch (error) {
    if (!(error instanceof FindingsError)) throw error;
    return error.findings;
  }
}
