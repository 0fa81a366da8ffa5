import type { StackFacts } from "./rule.ts";

/**
 * What rules need of a stack's settings.
 *
 * Read from the settings themselves, which the engine tells a pack too: resources
 * that carry no label do not tell in which environment they are, and none tells whether the service it calls is
 * idempotent. What cannot be read counts as the stricter of the two: prod, and not idempotent.
 *
 * @param settings a stack's configuration without namespaces (`configurationOf`), checked or not
 */
export function factsOf(settings: unknown): StackFacts {
  const { environment, rounds } = (settings ?? {}) as { environment?: unknown; rounds?: unknown };
  const { service } = (typeof rounds === "object" && rounds !== null ? rounds : {}) as { service?: unknown };
  const { url, idempotent } = (typeof service === "object" && service !== null ? service : {}) as Record<
    string,
    unknown
  >;
  const origin = typeof url === "string" ? URL.parse(url)?.origin : undefined;
  return {
    environment: environment === "staging" ? "staging" : "prod",
    idempotentServices: idempotent === true && origin !== undefined ? [origin] : [],
  };
}
