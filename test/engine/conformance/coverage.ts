/** What of the settings some stacks use, held against the page that lists them all. */
import type { Configuration } from "../../support/engine/world.ts";
import type { WorkerEntry } from "./generated/workers.ts";

interface Row {
  /** `workers.KEY.officeHours.week.KEY.days`. */
  readonly path: string;
  readonly isSwitch: boolean;
}

/** @returns settings of the page that no stack has, and switches (`true` or `false`) that are never set to one of the two */
export function unusedSettings(page: string, stacks: readonly Configuration[]): readonly string[] {
  const used = new Set(stacks.flatMap((stack) => settingsOf(stack)));
  return rowsOf(page).flatMap(({ path, isSwitch }) => {
    const wanted = isSwitch ? [`${path}: true`, `${path}: false`] : [path];
    return wanted.filter((each) => ![...used].some((setting) => matches(each, setting)));
  });
}

/** Rows of the tables; where a key is of the reader's choice, the page says KEY. */
function rowsOf(page: string): readonly Row[] {
  const rows = [...page.matchAll(/^\| `([^`]+)` \| ([^|]+) \|/gm)].map(([, path = "", kind]) => ({
    path,
    isSwitch: kind === "`true` or `false`",
  }));
  if (rows.length < 50) throw new Error(`the page has ${rows.length} settings: its tables look different now`);
  return rows;
}

/** Every setting that is given, at any depth, and each switch with its value. */
function settingsOf(value: unknown, path = ""): readonly string[] {
  const here = path === "" ? [] : typeof value === "boolean" ? [path, `${path}: ${value}`] : [path];
  if (typeof value !== "object" || value === null || Array.isArray(value)) return here;
  const inside = Object.entries(value).flatMap(([key, inner]) => {
    const name = key.replace(/^agent-worker:/, "");
    return settingsOf(inner, path === "" ? name : `${path}.${name}`);
  });
  return [...here, ...inside];
}

function matches(wanted: string, setting: string): boolean {
  const [steps, given] = [wanted.split("."), setting.split(".")];
  return steps.length === given.length && steps.every((step, place) => step === "KEY" || step === given[place]);
}

/** Stacks that differ in more than values: what each is, of its settings. */
export const shapes: Readonly<Record<string, (stack: Configuration) => boolean>> = {
  "workers alone": (stack) => has(stack, "workers") && !has(stack, "rounds"),
  "rounds alone": (stack) => has(stack, "rounds") && !has(stack, "workers"),
  "workers of which nobody is told": (stack) => has(stack, "workers") && !has(stack, "alerts"),
  "several workers, some of them only prepared": (stack) => {
    const images = workersOf(stack).map(({ image }) => image !== undefined);
    return images.includes(true) && images.includes(false);
  },
  "a window across midnight": (stack) =>
    workersOf(stack).some(({ officeHours: { week } }) => Object.values(week).some(({ open, close }) => close < open)),
  "two workers that read one secret": (stack) => {
    const read = workersOf(stack).flatMap(({ secrets = {} }) => [
      ...new Set(Object.values(secrets).map(({ secret }) => secret)),
    ]);
    return new Set(read).size < read.length;
  },
  "a secret with several rotations": (stack) =>
    workersOf(stack).some(({ secrets = {} }) =>
      Object.values(secrets).some(({ generate }) => (generate?.rotations.length ?? 0) > 1),
    ),
};

const has = (stack: Configuration, section: string): boolean => `agent-worker:${section}` in stack;

const workersOf = (stack: Configuration): readonly WorkerEntry[] =>
  Object.values((stack["agent-worker:workers"] ?? {}) as Readonly<Record<string, WorkerEntry>>);
