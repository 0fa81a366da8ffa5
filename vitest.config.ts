import { defineConfig } from "vitest/config";

const proofs = ["test/runtime/simulation/**/*.test.ts", "test/runtime/replica-set/replica-set.test.ts"];

export default defineConfig({
  test: {
    // The Pulumi SDK keeps its state in the process: one file, one process.
    pool: "forks",
    reporters: ["default", "./test/support/closing-line.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "fast",
          include: ["test/**/*.test.ts"],
          exclude: ["test/engine/**", ...proofs],
          // What is concurrent here mostly waits, for leases of containers that died; and beside a file that waits another runs.
          maxConcurrency: 12,
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        // The simulation takes all cores, and the real replica set measures time: one after the other, and nothing beside.
        test: {
          name: "proofs",
          include: proofs,
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
          // Replica sets side by side: with five of them on two cores none was elected in time.
          maxConcurrency: 2,
        },
      },
      {
        extends: true,
        // After the others, a command a core: a Pulumi command keeps one busy, and 5 to 20 of them are a scenario.
        test: {
          name: "engine",
          include: ["test/engine/**/*.test.ts"],
          sequence: { groupOrder: 2 },
          maxWorkers: 1,
          maxConcurrency: 2,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
