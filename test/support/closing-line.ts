import type { Reporter, TestCase, TestModule } from "vitest/node";
import { findPulumi } from "../../scripts/pulumi-cli/find.ts";
import { languageHost } from "./engine/pulumi.ts";

/**
 * Ends a run with one plain line for people and machines, `N passed, N failed, N skipped`,
 * after the names of the tiers that could not run on this machine (see `tier`).
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const broken = modules.filter((module) => module.errors().length > 0).length + unhandled.length;
    const lines = [...new Set(tests.filter(isSkipped).map(missingTier))].filter((line) => line !== "");
    for (const line of lines) console.log(line);
    if (modules.some(({ moduleId }) => moduleId.includes("/test/engine/"))) console.log(engineFound());
    console.log(`\n${count("passed")} passed, ${count("failed") + broken} failed, ${count("skipped")} skipped`);
  }
}

/** Which engine the tests of the real one met. */
function engineFound(): string {
  const cli = findPulumi();
  if (cli.missing !== undefined) return "";
  return `real engine: Pulumi ${cli.version}, ${cli.origin}; language host: ${languageHost(cli.path).length === 0 ? "its own" : "the tests'"}`;
}

function isSkipped(test: TestCase): boolean {
  return test.result().state === "skipped";
}

function missingTier(test: TestCase): string {
  let parent: { type: string; name?: string; parent?: unknown } = test.parent as never;
  while (parent.type === "suite") {
    if (parent.name?.includes("(not run:")) return parent.name;
    parent = parent.parent as never;
  }
  return "";
}
