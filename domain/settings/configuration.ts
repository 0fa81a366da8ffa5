import { settingsSchema } from "./settings.ts";

/** Settings that are plain text; all others travel as JSON. */
const plain = ["gcp:project", "gcp:region", "environment"];

/** Only of these an empty value means "left out"; a misspelt one is to be noticed, empty or not. */
const known = Object.keys(settingsSchema.shape);

/**
 * A stack's configuration as the engine hands it over (`namespace:key` to text), in the shape of the settings:
 * the project's own keys without their namespace, structured ones parsed, `{}` (the default that Pulumi.yaml has to
 * declare) taken as left out. Keys of other namespaces, such as `gcp:disableGlobalProjectWarning`, are not ours.
 */
export function configurationOf(values: Readonly<Record<string, string>>, project: string): Record<string, unknown> {
  const configuration: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(values)) {
    const key = name.startsWith(`${project}:`) ? name.slice(project.length + 1) : name;
    if (key.includes(":") && !plain.includes(key)) continue;
    const value: unknown = plain.includes(key) ? text : parsed(text);
    if (!known.includes(key) || !isEmpty(value)) configuration[key] = value;
  }
  return configuration;
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
