import { describe } from "vitest";
import { MemoryServer, memoryStore } from "../../../runtime/store/memory.ts";
import { conformance } from "./conformance.ts";

describe("in memory", () => {
  conformance(async () => {
    // Not the container's clock.
    let now = Date.UTC(2031, 0, 1);
    const server = new MemoryServer(() => now++);
    const [store, other] = [memoryStore(server), memoryStore(server)];
    return { store, other, serverNow: async () => now++, close: () => store.close() };
  });
});
