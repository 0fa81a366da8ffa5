/** What docs/worker-socket.md says is what the socket does: its commands are run, its tables are held to the code. */
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { refusalStatus } from "../../runtime/socket/answer.ts";
import { BODY_BYTES } from "../../runtime/socket/body.ts";
import { ID_BYTES, WORDS_LENGTH } from "../../runtime/socket/fields.ts";
import { routes } from "../../runtime/socket/routes.ts";
import { SocketWorld } from "../support/socket/container.ts";
import { repository } from "../support/stack-previews.ts";
import { tier } from "../support/tier.ts";

const page = readFileSync(resolve(repository, "docs/worker-socket.md"), "utf8");
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, text = ""]) => text);

test("every call is on the page, and no other", () => {
  const told = [...page.matchAll(/`((?:GET|POST) \/[^`?]*)/g)].map(([, call]) => call);
  expect([...new Set(told)].sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
});

test("every refusal is on the page, with its code", () => {
  const rows = [...page.matchAll(/^\| (\d{3}) \| `(\w+)` \|/gm)].map(([, status, code]) => [code, Number(status)]);
  expect(Object.fromEntries(rows)).toMatchObject(refusalStatus);
});

test("the limits are those of the code", () => {
  expect(page).toContain(`Ids have 1 to ${ID_BYTES} bytes, \`effect\` and \`reason\` 1 to ${WORDS_LENGTH} characters`);
  expect(page).toContain(`${BODY_BYTES / 1024} KiB at most`);
});

test("the Python of the page is the example's", () => {
  const example = readFileSync(resolve(repository, "runtime/examples/python/worker_main.py"), "utf8");
  const [told = ""] = blocks("python");
  const lines = (text: string) =>
    text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("#"));
  expect(lines(example).join("\n")).toContain(lines(told).join("\n"));
});

const curl = /^curl (\d+)\.(\d+)/.exec(spawnSync("curl", ["--version"], { encoding: "utf8" }).stdout ?? "");
const knowsJson = curl !== null && Number(curl[1]) * 1000 + Number(curl[2]) >= 7082;

tier("curl", knowsJson ? undefined : "no curl of 7.82 or later on the PATH", () => {
  test("the commands of the page work, one after another, and answer as it says", async () => {
    const world = new SocketWorld();
    world.campaign("spring-recall");
    const { socket } = await world.socket();
    const directory = mkdtempSync(join(tmpdir(), "d-"));
    // The stream in the background ends with its claim.
    const script = `set -euo pipefail\n${blocks("bash").join("\n")}\nwait`;
    const env = { PATH: process.env.PATH, AGENT_RUNTIME_SOCKET: socket.path };
    const { stdout } = await promisify(execFile)("bash", ["--norc", "-c", script], { cwd: directory, env });
    const told = blocks("json").flatMap((block) => block.trim().split("\n"));
    const shapes = (lines: readonly string[]) => lines.map((line) => Object.keys(JSON.parse(line)));
    expect(shapes(stdout.trim().split("\n"))).toEqual(shapes(told));
    expect(world.record("spring-recall")).toMatchObject({ status: "completed", resume: { cursor: 1 } });
    const events = join(directory, "events.jsonl");
    expect(readFileSync(events, "utf8")).toMatch(/^\{"event":"renewed","notAfter":[\d.]+\}\n$/);
    rmSync(directory, { recursive: true });
    await world.close();
  });
});
