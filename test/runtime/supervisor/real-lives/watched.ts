/**
 * The runtime as a program of its own, with the production leases over a database in memory: `watched.ts SETTINGS
 * COMMAND...`. At each write that gives something back, at each start of a worker and at each kill, it writes into the file
 * FACTS what of this life (its processes began with LIFE) is alive at that moment. Beside it the production code's own
 * table of processes is not asked. Each SIGTERM that it sends is written there too.
 */
import { appendFileSync } from "node:fs";
import { Refusal } from "../../../../runtime/lease/campaigns.ts";
import type { LeaseKeeper } from "../../../../runtime/lease/lease-keeper.ts";
import { nodeClock } from "../../../../runtime/node-clock.ts";
import { type LeasesOrder, openLeases } from "../../../../runtime/open-leases.ts";
import { run } from "../../../../runtime/run.ts";
import { standardLog } from "../../../../runtime/stdout.ts";
import { MemoryServer, memoryStore, type Request } from "../../../../runtime/store/memory.ts";
import { systemParts } from "../../../../runtime/system.ts";
import { plain } from "../stand-ins.ts";
import type { Fact } from "./facts.ts";
import { hasParentIn, livingOf, nameOf, queuedOf } from "./living.ts";
import { noted, notedLog, noteSigterms } from "./seams.ts";

const { FACTS: file = "", LIFE: life = "" } = process.env;

function tell(fact: Fact): void {
  appendFileSync(file, `${JSON.stringify({ pid: process.pid, at: nodeClock.monotonic(), ...fact })}\n`);
}

/** What of this life lives, but for this process and what is above it. */
function alive() {
  return livingOf(life, process.pid);
}

/** What a request says that nobody acts for any more. */
function givenBackBy(request: Request): readonly string[] {
  if (request.call === "insert") return request.record.state === "stopped" ? [request.record.id] : [];
  const writes = request.call === "update" ? [request.write] : request.call === "update all" ? request.writes : [];
  return writes.filter(({ set }) => set?.["lease.state"] === "free" || set?.state === "stopped").map(({ id }) => id);
}

class WatchedServer extends MemoryServer {
  override perform(request: Request): unknown {
    const ids = givenBackBy(request);
    // Before the write: what lived when it was decided, and died since, lived too early.
    if (ids.length > 0) tell({ what: "given back", kind: request.kind, ids, alive: alive() });
    return super.perform(request);
  }
}

const campaigns = ["autumn", "spring"];

/** As a worker would that asks for campaigns as soon as it runs, and listens to what becomes of them. */
async function take(leases: LeaseKeeper, start: number): Promise<void> {
  for (const name of campaigns) {
    try {
      const held = await leases.campaigns.next(`${name} ${start}`);
      if (held === undefined) continue;
      leases.campaigns.watch(held.id, held.claimId, () => {});
      tell({ what: "claimed", id: held.id });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      tell({ what: "refused", code: error.code });
    }
  }
}

async function main(): Promise<void> {
  const [settings = "{}", ...command] = process.argv.slice(2);
  const { log, flush } = standardLog(nodeClock);
  const notes = { tell, alive, hasParent: (pid: number) => hasParentIn(life, pid, process.pid) };
  noteSigterms(notes);
  const server = new WatchedServer(Date.now);
  for (const id of campaigns) server.perform({ kind: "campaigns", call: "insert", record: { id, status: "queued" } });
  const parts = systemParts(notedLog(log, notes));
  const { spawn } = parts.processes;
  let starts = 0;
  const open = (order: LeasesOrder) => {
    const leases = openLeases(memoryStore(server), order, parts);
    const { workerStarted } = leases;
    leases.workerStarted = () => {
      workerStarted.call(leases);
      void take(leases, starts);
    };
    return leases;
  };
  tell({ what: "runtime", below: nameOf(process.ppid) });
  const code = await run({ ...plain, ...JSON.parse(settings), ...database }, command, {
    ...parts,
    processes: {
      spawn: async (command, environment) => {
        starts += 1;
        tell({ what: "starts", alive: alive() });
        return noted(await spawn(command, environment), notes);
      },
    },
    environment: process.env,
    openLeases: open,
    openSocket: async () => ({ path: `/nowhere/${life}/worker.sock`, close: async () => {} }),
    openHealthPort: async () => ({ close: async () => {} }),
  });
  for (const kind of ["campaigns", "shifts", "containers"] as const)
    for (const record of server.all(kind)) tell({ what: "left", kind, record });
  flush();
  tell({ what: "over", queued: queuedOf(process.pid) });
  process.exit(code);
}

/** Only that there is one: what stands in it, nobody reads here. */
const database = { database: { uri: "mongodb://nowhere", database: undefined, names: {} } };

void main();
