import { type Cpu, cpus, memoryProblem } from "../../domain/envelope.ts";
import { known, knownText, ofTypes, type Problem, type ResourceRule } from "../rule.ts";
import { JOB } from "../types.ts";
import { isMap } from "../value.ts";
import { inContainers } from "../workloads.ts";

/** All containers of a task together. https://docs.cloud.google.com/run/docs/configuring/jobs/cpu (November 2026) */
const MOST_CPU = Math.max(...cpus);

export const cpuAndMemory: ResourceRule = {
  name: "cpu-and-memory",
  title: "A Job states vCPU and memory that Cloud Run has together",
  level: "mandatory",
  why: "Google refuses other pairs only when the Job is created, half-way through a deployment; with one of the two left out every preview shows a difference.",
  remedy: "State both of resources.limits: cpu 1, 2, 4, 6 or 8, and memory such as 4Gi.",
  from: [8],
  appliesTo: ofTypes(JOB),
  check: (resource) => {
    let total = 0;
    const each = inContainers(resource, (container, path) => {
      if (!isMap(container)) return [];
      return known(container, "resources.limits.cpu", (value) => {
        const cpu = cpuOf(value);
        if (cpu === undefined)
          return [
            {
              problem: `${path}.resources.limits.cpu is ${value === undefined ? "left out" : String(value)}: Cloud Run has Jobs with ${cpus.join(", ")} vCPU.`,
            },
          ];
        total += cpu;
        return knownText(container, "resources.limits.memory", (memory) => memoryProblems(cpu, memory, path));
      });
    });
    return total > MOST_CPU
      ? [...each, { problem: `its containers have ${total} vCPU together, over the ${MOST_CPU} of a task.` }]
      : each;
  },
};

function cpuOf(value: unknown): Cpu | undefined {
  const text = String(value ?? "");
  const amount = text.endsWith("m") ? Number(text.slice(0, -1)) / 1000 : Number(text || Number.NaN);
  return cpus.find((cpu) => cpu === amount);
}

function memoryProblems(cpu: Cpu, memory: string, path: string): readonly Problem[] {
  const where = `${path}.resources.limits.memory`;
  if (memory === "") return [{ problem: `${where} is left out.` }];
  const found = memoryProblem(cpu, memory);
  return found === undefined ? [] : [{ ...found, problem: `${where}: ${found.problem}` }];
}
