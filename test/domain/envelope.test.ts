import { describe, expect, test } from "vitest";
import { type Cpu, cpus, formatMemory, memoryFor, memoryProblem, parseMemory } from "../../domain/envelope.ts";

describe("memory for vCPU, as Cloud Run has it", () => {
  test.each<[Cpu, min: string, max: string]>([
    [1, "512Mi", "4Gi"],
    [2, "512Mi", "8Gi"],
    [4, "2Gi", "16Gi"],
    [6, "4Gi", "24Gi"],
    [8, "4Gi", "32Gi"],
  ])("%i vCPU: %s to %s, and not a MiB more or less", (cpu, min, max) => {
    expect(memoryProblem(cpu, min)).toBeUndefined();
    expect(memoryProblem(cpu, max)).toBeUndefined();
    expect(memoryProblem(cpu, `${memoryFor[cpu].min - 1}Mi`)?.problem).toContain("less than");
    expect(memoryProblem(cpu, `${memoryFor[cpu].max + 1}Mi`)?.problem).toContain("more than");
  });
});

describe("the remedy", () => {
  test.each<[Cpu, given: string, remedy: string]>([
    [1, "8Gi", "Set cpu: 2, or memory: 4Gi."],
    [2, "20Gi", "Set cpu: 6, or memory: 8Gi."],
    [8, "2Gi", "Set cpu: 4, or memory: 4Gi."],
    [8, "64Gi", "Set memory: 32Gi."],
    [1, "256Mi", "Set memory: 512Mi."],
  ])("for %i vCPU and %s: %s", (cpu, given, remedy) => {
    expect(memoryProblem(cpu, given)?.remedy).toBe(remedy);
  });

  test("always works", () => {
    for (const cpu of cpus) {
      for (const given of ["256Mi", "1Gi", "3Gi", "20Gi", "64Gi"]) {
        const remedy = memoryProblem(cpu, given)?.remedy ?? "";
        const other = /cpu: (\d)/.exec(remedy)?.[1];
        const memory = /memory: (\w+)/.exec(remedy)?.[1];
        if (other !== undefined) expect(memoryProblem(Number(other) as Cpu, given)).toBeUndefined();
        if (memory !== undefined) expect(memoryProblem(cpu, memory)).toBeUndefined();
      }
    }
  });
});

test.each(["4G", "4GB", "4", "4.5Gi", "-4Gi", "0Gi", "4 Gi", "", "4gi"])("%j is not an amount of memory", (given) => {
  expect(parseMemory(given)).toBeUndefined();
  expect(memoryProblem(2, given)?.remedy).toContain("4Gi");
});

test.each([
  ["512Mi", 512],
  ["4Gi", 4096],
  ["1536Mi", 1536],
])("%s is read and written back", (text, mebibytes) => {
  expect(parseMemory(text)).toBe(mebibytes);
  expect(formatMemory(mebibytes)).toBe(text);
});
