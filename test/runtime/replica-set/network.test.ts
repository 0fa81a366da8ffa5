import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { expect, test, vi } from "vitest";
import { networkMissing } from "../../../scripts/replica-set/network.ts";
import { tier } from "../../support/tier.ts";

const module = resolve(import.meta.dirname, "../../../scripts/replica-set/network.ts");

/** Makes a network with a host, on which a process is stopped, and says who it is. */
const program = (directory: string) => `
  import { spawn } from "node:child_process";
  import { Network } from ${JSON.stringify(module)};
  const network = new Network(${JSON.stringify(directory)});
  const [command, ...args] = [...network.host("only").launch, "sleep", "600"];
  const child = spawn(command, args, { stdio: "ignore", detached: true });
  setTimeout(() => {
    child.kill("SIGSTOP");
    console.log(child.pid);
  }, 500);
  setInterval(() => {}, 1000);`;

tier("network namespaces", networkMissing(), () => {
  test("nothing of a network is left when whoever made it is killed, not even what was stopped on it", async () => {
    const directory = mkdtempSync(join(tmpdir(), "replica-set-"));
    const maker = spawn(process.execPath, ["--input-type=module", "--eval", program(directory)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = await once(createInterface(maker.stdout), "line");
    const left = () => [
      ...execFileSync("ip", ["netns", "list"], { encoding: "utf8" })
        .split("\n")
        .filter((name) => name.startsWith(`aw${maker.pid}x`)),
      ...[`/proc/${line}`, directory].filter((path) => existsSync(path)),
    ];
    expect(left()).toHaveLength(4);
    maker.kill("SIGKILL");
    await vi.waitUntil(() => left().length === 0, { timeout: 10_000 });
  });
});
