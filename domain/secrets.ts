import type { StackContext } from "./context.ts";
import { type Finding, FindingsError } from "./findings.ts";
import { labelsFor } from "./labels.ts";
import { runtimeAccountId } from "./names.ts";
import type { SecretSettings } from "./settings/secrets.ts";
import type { WorkerSettings } from "./settings/worker.ts";

/** A secret of the stack, however many workers read it. */
export interface SecretPlan {
  readonly secretId: string;
  readonly project: string;
  /** Whose it is: `declared` here with versions that people add, `generated` here, or somebody else's (`existing`). */
  readonly origin: "declared" | "generated" | "existing";
  readonly protect: boolean;
  /** How many random bytes a generated payload is worth; 0 unless generated. */
  readonly bytes: number;
  /** Labels of the generated versions, oldest first; empty unless generated. */
  readonly rotations: readonly string[];
  /** Workers that read it: each gets the right to, on this secret alone. */
  readonly readers: readonly { readonly worker: string; readonly accountId: string }[];
  readonly labels: Readonly<Record<string, string>>;
}

/** One variable of one worker that comes from a secret. */
export interface SecretUse {
  readonly worker: string;
  readonly variable: string;
  readonly secret: SecretSettings;
}

/**
 * The secrets of all workers, each once.
 *
 * @throws FindingsError when two variables say different things about one secret
 */
export function planSecrets(
  workers: Readonly<Record<string, WorkerSettings>>,
  context: StackContext,
): readonly SecretPlan[] {
  const uses = Object.entries(workers).flatMap(([worker, { secrets }]) =>
    Object.entries(secrets).map(([variable, secret]) => ({ worker, variable, secret })),
  );
  const findings = secretFindings(uses);
  if (findings.length > 0) throw new FindingsError(findings);
  return [...Map.groupBy(uses, ({ secret }) => secret.secret)].map(([secretId, readers]) => ({
    ...madeAs(readers),
    secretId,
    project: context.project,
    protect: context.protect,
    readers: [...new Set(readers.map(({ worker }) => worker))].map((worker) => ({
      worker,
      accountId: runtimeAccountId(worker),
    })),
    labels: labelsFor(context.labels, context.environment, "secrets"),
  }));
}

/** What every use of a secret says alike. */
function madeAs([use]: readonly SecretUse[]): Pick<SecretPlan, "origin" | "bytes" | "rotations"> {
  const { bytes = 0, rotations = [] } = use?.secret.generate ?? {};
  return { origin: use === undefined ? "declared" : originOf(use.secret), bytes, rotations };
}

/** What two variables say differently about one secret. */
export function secretFindings(uses: readonly SecretUse[]): readonly Finding[] {
  const first = new Map<string, SecretUse>();
  return uses.flatMap((use): readonly Finding[] => {
    const { secret, generate } = use.secret;
    const before = first.get(secret);
    if (before === undefined) {
      first.set(secret, use);
      return [];
    }
    const [origin, earlier] = [originOf(use.secret), originOf(before.secret)];
    if (origin !== earlier) {
      return [
        {
          path: pathOf(use),
          problem: `${secret} is ${origin} here and ${earlier} at ${pathOf(before)}.`,
          remedy: "Say the same of a secret everywhere.",
        },
      ];
    }
    if (JSON.stringify(generate) === JSON.stringify(before.secret.generate)) return [];
    return [
      {
        path: `${pathOf(use)}.generate`,
        problem: `${secret} is generated otherwise at ${pathOf(before)}.`,
        remedy: "Give the same bytes and rotations everywhere.",
      },
    ];
  });
}

function pathOf({ worker, variable }: SecretUse): string {
  return `workers.${worker}.secrets.${variable}`;
}

function originOf({ existing, generate }: SecretSettings): SecretPlan["origin"] {
  if (existing) return "existing";
  return generate === undefined ? "declared" : "generated";
}

/** The ids of the secrets that a worker reads, each once, sorted. */
export function secretsOf({
  secretEnv,
}: {
  readonly secretEnv: Readonly<Record<string, { readonly secretId: string }>>;
}): readonly string[] {
  return [...new Set(Object.values(secretEnv).map(({ secretId }) => secretId))].sort();
}
