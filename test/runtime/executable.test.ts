import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { executable } from "../../runtime/executable.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "executables-"));
  for (const name of ["first", "second"]) mkdirSync(join(directory, name));
});
afterEach(() => rmSync(directory, { recursive: true }));

const at = (...parts: readonly string[]) => join(directory, ...parts);

function made(mode: number, ...parts: readonly string[]): string {
  writeFileSync(at(...parts), "");
  chmodSync(at(...parts), mode);
  return at(...parts);
}

/** What is found is what execvp would start: anything else is a check that passes and a worker that does not start. */
describe("a worker's command", () => {
  const path = () => `${at("first")}:${at("second")}`;

  test("is looked for in the directories of PATH, in their order", () => {
    const second = made(0o755, "second", "worker");
    expect(executable("worker", path())).toBe(second);
    expect(executable("worker", path())).not.toBe(made(0o644, "first", "worker"));
    chmodSync(at("first", "worker"), 0o755);
    expect(executable("worker", path())).toBe(at("first", "worker"));
  });

  test("is not a directory, though one may be entered", () => {
    mkdirSync(at("first", "worker"));
    expect(executable("worker", path())).toBeUndefined();
    expect(executable(at("first"), path())).toBeUndefined();
  });

  test("with a slash is where it says, and nowhere else", () => {
    const worker = made(0o755, "second", "worker");
    expect(executable(worker, "")).toBe(worker);
    expect(executable(relative(process.cwd(), worker), "")).toBe(worker);
    expect(executable("./worker", path())).toBeUndefined();
  });

  test("that is nothing is nowhere", () => {
    expect(executable("", path())).toBeUndefined();
    expect(executable("worker", "")).toBeUndefined();
  });
});
