/**
 * `pulumi preview` of the bench's stacks, as somebody runs it on a new stack: the real engine, an empty state in a
 * directory, the simulated provider. A real provider is a process of its own, and takes longer; the language host of a
 * released CLI takes less than ours, which stands in where the CLI was built without one.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { SimulatedCloud } from "../../../test/support/cloud/cloud.ts";
import { Faults } from "../../../test/support/cloud/faults.ts";
import { serveProvider } from "../../../test/support/cloud/protocol.ts";
import { SimulatedProvider } from "../../../test/support/cloud/provider.ts";
import { environment } from "../../../test/support/engine/pulumi.ts";
import type { Job } from "./cases.ts";
import type { Command } from "./measure.ts";

export interface Engine {
  readonly version: string;
  /** One command a stack: as it is, and where Node may keep compiled code, as our preview lets it. */
  readonly commands: (job: Job) => Readonly<Record<"stock" | "cached", readonly Command[]>>;
  readonly close: () => void;
}

/** Serves the provider, and keeps the backend below the workbench. */
export async function startEngine(workbench: string, cli: { path: string; version: string }): Promise<Engine> {
  const { port, close } = await serveProvider(new SimulatedProvider(new SimulatedCloud(), new Faults()));
  const home = mkdtempSync(join(workbench, "engine-"));
  const known = new Set<string>();

  function command(cwd: string, stack: string, cached: boolean, ...args: readonly string[]): Command {
    const { NODE_COMPILE_CACHE, ...stock } = environment({
      pulumi: cli.path,
      cwd,
      stack,
      home,
      providers: { gcp: port, random: port },
    });
    const env = cached && NODE_COMPILE_CACHE !== undefined ? { ...stock, NODE_COMPILE_CACHE } : stock;
    return { file: cli.path, args: [...args, "--non-interactive"], cwd, env, quiet: true };
  }

  function init(cwd: string, stack: string): void {
    if (known.has(stack)) return;
    const { file, args, env } = command(cwd, stack, false, "stack", "init", stack);
    const { status, stderr } = spawnSync(file, args, { cwd, env, encoding: "utf8" });
    if (status !== 0) throw new Error(`the stack ${stack} cannot be made:\n${stderr}`);
    known.add(stack);
  }

  return {
    version: cli.version,
    commands: ({ projectDir, stacks }) => {
      for (const stack of stacks) init(projectDir, stack);
      const previews = (cached: boolean) => stacks.map((stack) => command(projectDir, stack, cached, "preview"));
      return { stock: previews(false), cached: previews(true) };
    },
    close,
  };
}
