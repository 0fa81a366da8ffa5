/** Both previews of one stack, side by side. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { previewProgram } from "../../../preview/program.ts";
import { toConfigValue } from "../../../preview/stack/config-values.ts";
import type { World } from "../../support/engine/world.ts";
import { repository } from "../../support/stack-previews.ts";
import { differences } from "./differences.ts";
import type { ChannelKeys } from "./generated/stack.ts";
import { registeredStack } from "./registered.ts";

/** Decrypted text by the kind of channel. Go's JSON and HTML would each write it differently. */
const plainKeys = {
  pagerduty: 'a "key" & <more>',
  slack: "xoxb-ü-😀",
  webhook: "https://hooks.example.com/T1?token=a&b=<c>",
} as const;

/** Encrypts a key for each kind of channel, as a person would. The world's forks can read them too. */
export async function encryptedKeys(world: World): Promise<ChannelKeys> {
  const values = Object.entries(plainKeys).flatMap(([kind, text]) => ["--secret", `keys.${kind}=${text}`]);
  await world.run("config", "set-all", "--path", ...values);
  return (await world.configuration())["agent-worker:keys"] as ChannelKeys;
}

/** Makes a file of the repository the stack's own, as it is written: comments, spelling and all. */
export async function useFile(world: World, stack: string, path: string): Promise<void> {
  const file = join(world.directory, `Pulumi.${stack}.yaml`);
  const { encryptionsalt } = parse(await readFile(file, "utf8")) as { encryptionsalt: string };
  await writeFile(file, `encryptionsalt: ${encryptionsalt}\n${await readFile(join(repository, path), "utf8")}`);
}

/** Our preview and the engine's, and where the two differ. */
export async function compared(world: World, stack: string, keys?: ChannelKeys) {
  const plan = join(world.directory, "plan.json");
  const [outcome, engine] = await Promise.all([
    previewProgram({ projectDir: world.directory, stack }),
    world.run("preview", "--json", "--show-secrets", "--show-sames", `--save-plan=${plan}`),
  ]);
  const registered = registeredStack({ digest: engine.stdout, plan: await readFile(plan, "utf8") }, standIns(keys));
  return { outcome, registered, found: differences(outcome, registered) };
}

/** What our preview puts in the place of each key, which it cannot decrypt. */
function standIns(keys: ChannelKeys | undefined): ReadonlyMap<string, string> {
  if (keys === undefined) return new Map();
  const kinds = Object.keys(plainKeys) as (keyof ChannelKeys)[];
  return new Map(kinds.map((kind) => [plainKeys[kind], toConfigValue(keys[kind]).text]));
}
