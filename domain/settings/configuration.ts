import { distance } from "fastest-levenshtein";
import type { Finding } from "../findings.ts";
import { settingsSchema } from "./settings.ts";

/** Settings that are plain text; all others travel as JSON. */
const plain = ["gcp:project", "gcp:region", "environment"];

/** Only of these an empty value means "left out"; a misspelt one is to be noticed, empty or not. */
const known = Object.keys(settingsSchema.shape);

/**
 * A stack's configuration as the engine hands it over (`namespace:key` to text), in the shape of the settings:
 * the project's own keys without their namespace, structured ones parsed, `{}` (the default that Pulumi.yaml has to
 * declare) taken as left out. Keys of other namespaces, such as `gcp:disableGlobalProjectWarning`, are not ours,
 * unless they look like ours misspelt: a section that silently went missing would be deleted by the next `up`.
 */
export function configurationOf(values: Readonly<Record<string, string>>, project: string): Record<string, unknown> {
  const entries = Object.entries(values).flatMap(([name, text]): [string, unknown][] => {
    const key = name.startsWith(`${project}:`) ? name.slice(project.length + 1) : name;
    if (key.includes(":") && !plain.includes(key) && !looksLikeOurs(key, project)) return [];
    const value: unknown = plain.includes(key) ? text : parsed(text);
    return known.includes(key) && isEmpty(value) ? [] : [[key, value]];
  });
  // Not by assignment: a key called __proto__ would vanish instead of being refused.
  return Object.fromEntries(entries);
}

/**
 * What is wrong with encrypted values: outside of the channels' keys nothing treats them as secrets, so that they would
 * stand decrypted in the state, in previews and in the console.
 *
 * @param secretKeys the keys that hold, or contain, an encrypted value, as the engine names them
 */
export function encryptedFindings(secretKeys: readonly string[], project: string): readonly Finding[] {
  return secretKeys
    .filter((key) => key.startsWith(`${project}:`) && key !== `${project}:alerts`)
    .map((key) => ({
      path: key.slice(project.length + 1),
      problem: "holds an encrypted value, which would be deployed as plain text.",
      remedy: "Put the value into Secret Manager, and name it under the worker's secrets.",
    }));
}

function looksLikeOurs(key: string, project: string): boolean {
  const [namespace = "", ...rest] = key.split(":");
  return namespace !== "gcp" && (known.includes(rest.join(":")) || distance(namespace, project) <= 2);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isEmpty(value: unknown): boolean {
  return value === "" || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
}
