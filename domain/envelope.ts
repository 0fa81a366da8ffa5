import { quoted } from "./findings.ts";

/** vCPU that a Cloud Run job can have. https://docs.cloud.google.com/run/docs/configuring/jobs/cpu (November 2026) */
export const cpus = [1, 2, 4, 6, 8] as const;
export type Cpu = (typeof cpus)[number];

/** Mebibytes. */
export type MiB = number;

/**
 * Memory that goes with a job's vCPU; jobs run in the second generation, whose minimum is 512 MiB.
 * https://docs.cloud.google.com/run/docs/configuring/jobs/memory-limits (November 2026)
 */
export const memoryFor: Readonly<Record<Cpu, { readonly min: MiB; readonly max: MiB }>> = {
  1: { min: 512, max: 4096 },
  2: { min: 512, max: 8192 },
  4: { min: 2048, max: 16_384 },
  6: { min: 4096, max: 24_576 },
  8: { min: 4096, max: 32_768 },
};

/** Reads `512Mi` or `4Gi`. */
export function parseMemory(text: string): MiB | undefined {
  const match = /^([1-9][0-9]{0,5})(Mi|Gi)$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * (match[2] === "Gi" ? 1024 : 1);
}

export function formatMemory(memory: MiB): string {
  return memory % 1024 === 0 ? `${memory / 1024}Gi` : `${memory}Mi`;
}

/** What is wrong with a job's memory for its vCPU, or `undefined`. */
export function memoryProblem(cpu: Cpu, text: string): { problem: string; remedy: string } | undefined {
  const memory = parseMemory(text);
  if (memory === undefined) {
    return {
      problem: `${quoted(text)} is not an amount of memory: Cloud Run counts in Mi and Gi.`,
      remedy: "Write it like 512Mi or 4Gi.",
    };
  }
  const { min, max } = memoryFor[cpu];
  if (memory >= min && memory <= max) return undefined;
  const fitting = cpus.filter((other) => memory >= memoryFor[other].min && memory <= memoryFor[other].max);
  const nearest = formatMemory(memory < min ? min : max);
  const otherCpu = fitting.length === 0 ? "" : `cpu: ${memory < min ? fitting.at(-1) : fitting[0]}, or `;
  return {
    problem: `${text} is ${memory < min ? "less" : "more"} than cpu: ${cpu} allows (${formatMemory(min)} to ${formatMemory(max)}).`,
    remedy: `Set ${otherCpu}memory: ${nearest}.`,
  };
}
