import { type Finding, join } from "../findings.ts";
import { labelFindings } from "../labels.ts";
import { type NamedStack, nameFindings, physicalNames } from "../names.ts";
import { secretFindings } from "../secrets.ts";
import { key } from "./fields.ts";
import { roundsSchema } from "./rounds.ts";
import { secretSchema } from "./secrets.ts";

/**
 * What is wrong between the parts of a stack, each of which may be right by itself: equal names, secrets of which two
 * workers say different things, labels of ours. Reads the configuration as it is written, so that a mistake in one
 * part hides nothing in another.
 */
export function stackFindings(configuration: unknown): readonly Finding[] {
  return [
    ...nameless(configuration),
    ...labelFindings(mapAt(configuration, "labels")),
    ...nameFindings(physicalNames(namedStack(configuration))),
    ...secretFindings(secretUses(configuration)),
  ];
}

/** A key that JavaScript gives a meaning of its own is dropped by every reader of maps: it has to be refused by name. */
function nameless(value: unknown, path = ""): readonly Finding[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === "__proto__"
      ? [{ path: join(path, name), problem: "is no possible name.", remedy: "Rename it." }]
      : nameless(inner, join(path, name)),
  );
}

function namedStack(configuration: unknown): NamedStack {
  const rounds = mapAt(configuration, "rounds");
  const name = roundsSchema.shape.name.safeParse(rounds.name);
  const stack = mapAt(configuration);
  return {
    project: String(stack["gcp:project"]),
    region: String(stack["gcp:region"]),
    workers: keysAt(configuration, "workers").map((worker) => ({
      key: worker,
      windows: keysAt(configuration, "workers", worker, "officeHours", "week"),
    })),
    rounds:
      stack.rounds === undefined || !name.success
        ? undefined
        : {
            name: name.data,
            project: String(rounds.project ?? stack["gcp:project"]),
            region: String(rounds.region ?? stack["gcp:region"]),
            daily: keysAt(rounds, "daily"),
            hospitals: keysAt(rounds, "hospitals"),
          },
  };
}

function secretUses(configuration: unknown) {
  return keysAt(configuration, "workers").flatMap((worker) =>
    Object.entries(mapAt(configuration, "workers", worker, "secrets")).flatMap(([variable, value]) => {
      const secret = secretSchema.safeParse(value);
      return secret.success ? [{ worker, variable, secret: secret.data }] : [];
    }),
  );
}

/** The map at a path; empty where there is none. */
function mapAt(value: unknown, ...path: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  const map = value as Readonly<Record<string, unknown>>;
  const [head, ...rest] = path;
  if (head === undefined) return map;
  return Object.hasOwn(map, head) ? mapAt(map[head], ...rest) : {};
}

/** The keys of the map at a path that can be part of a name; the others have a finding of their own. */
function keysAt(value: unknown, ...path: readonly string[]): readonly string[] {
  return Object.keys(mapAt(value, ...path)).filter((name) => key.safeParse(name).success);
}
