/** Changes of a stack's settings, by the paths of docs/settings.md. */
import type { Configuration, World } from "../../support/engine/world.ts";

/** Values by path: `workers.dental-agent-worker.cpu`. One that is `undefined` is taken out. */
export type Values = Readonly<Record<string, unknown>>;

/** A key and its new name: `rounds.daily.noon` and `midday`. What stands below it stays. */
export interface Renaming {
  readonly rename: string;
  readonly to: string;
}

export type Change = Values | Renaming;

/** A value that is set with `pulumi config set --secret`, and encrypted in the stack file. */
export class Secret {
  readonly plain: string;

  constructor(plain: string) {
    this.plain = plain;
  }
}

/** Writes a change into the stack file, as people do: by hand, and secrets by the CLI. */
export async function change(world: World, change: Change): Promise<void> {
  const before = await world.configuration();
  await world.configure(isRenaming(change) ? renamed(before, change) : withValues(before, change));
  for (const [path, value] of Object.entries(change)) {
    if (!(value instanceof Secret)) continue;
    await world.run("config", "set", "--secret", "--path", steps(path).join("."), value.plain);
  }
}

/** Secrets of a change, in plain. */
export function secretsIn(change: Change): readonly string[] {
  return Object.values(change).flatMap((value) => (value instanceof Secret ? [value.plain] : []));
}

type Settings = Record<string, unknown>;

const isRenaming = (change: Change): change is Renaming => "rename" in change;

/** Sections are written below the project's namespace, Google's own settings below theirs. */
function steps(path: string): readonly string[] {
  return (path.includes(":") ? path : `agent-worker:${path}`).split(".");
}

function withValues(config: Configuration, values: Values): Configuration {
  const copy = structuredClone(config) as Settings;
  for (const [path, value] of Object.entries(values)) if (!(value instanceof Secret)) put(copy, steps(path), value);
  return copy;
}

function put(target: Settings, [head = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length > 0) {
    target[head] ??= {};
    put(target[head] as Settings, rest, value);
  } else if (value === undefined) delete target[head];
  else target[head] = value;
}

/** In its place: a change of order is another change. */
function renamed(config: Configuration, { rename, to }: Renaming): Configuration {
  const copy = structuredClone(config) as Settings;
  const above = [...steps(rename)];
  const from = above.pop();
  const map = above.reduce<unknown>((inside, step) => (inside as Settings)[step], copy) as Settings;
  const entries = Object.entries(map);
  for (const key of Object.keys(map)) delete map[key];
  for (const [key, value] of entries) map[key === from ? to : key] = value;
  return copy;
}
