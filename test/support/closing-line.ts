import type { Reporter, TestCase, TestModule } from "vitest/node";

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
    console.log(`\n${count("passed")} passed, ${count("failed") + broken} failed, ${count("skipped")} skipped`);
  }
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
