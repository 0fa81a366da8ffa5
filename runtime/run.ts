import { isOpenAt } from "../domain/calendar.ts";
import { type EventName, event, variable } from "../domain/contract.ts";
import { build } from "./build.ts";
import { beatAlone, heartbeatLine } from "./heartbeat-log.ts";
import { newContainerId } from "./identity.ts";
import type { Leases } from "./leases.ts";
import { messageOf } from "./message.ts";
import { noCampaigns } from "./no-campaigns.ts";
import type { LeasesOrder } from "./open-leases.ts";
import type { Log, Random } from "./ports.ts";
import type { Environment } from "./settings/environment.ts";
import type { DatabaseSettings, Settings } from "./settings.ts";
import type { Standing } from "./socket/probe.ts";
import type { SocketParts } from "./socket/server.ts";
import { Supervisor, type SupervisorParts, type SupervisorState } from "./supervisor/supervisor.ts";
import { workerEnvironment } from "./worker-environment.ts";

/** What the leases of a container are made of. */
export interface DatabaseOrder extends LeasesOrder {
  readonly database: DatabaseSettings;
}

export interface Closing {
  close(): Promise<void>;
}

/** What a run needs besides the supervisor's own parts. */
export interface RunParts extends SupervisorParts {
  readonly random: Random;
  /** The runtime's own variables, which the worker gets too. */
  readonly environment: Environment;
  /** Makes the leases. They connect when they are started, not here. */
  readonly openLeases: (order: DatabaseOrder) => Leases | Promise<Leases>;
  readonly openSocket: (order: SocketParts) => Promise<Closing & { readonly path: string }>;
  readonly openHealthPort: (port: number, probe: () => Standing) => Promise<Closing>;
}

/**
 * Supervises a worker, from the calendar's word on.
 *
 * @returns the code to exit with (docs/runtime.md has them all)
 */
export async function run(settings: Settings, command: readonly string[], parts: RunParts): Promise<number> {
  const { log, random } = parts;
  const containerId = newContainerId(settings.place, random);
  const supervisor: Supervisor = new Supervisor(parts, {
    command,
    settings,
    prepare: () => prepare(settings, containerId, parts, () => supervisor.state),
  });
  const job = settings.job ?? "none";
  const database = settings.database === undefined ? "no database: no leases, no campaigns" : "with a database";
  log("INFO", event.runtimeStarted, `job ${job}, ${calendarOf(settings)}, ${database}`, {
    containerId,
    ...build,
    job: settings.job,
    program: command[0],
    timeZone: settings.calendar?.timeZone,
    runFor: settings.runFor,
    database: settings.database !== undefined,
    interval: settings.interval,
    orphanAfter: settings.orphanAfter,
    capacity: settings.capacity,
  });
  return await supervisor.run();
}

function calendarOf({ calendar, runFor }: Settings): string {
  if (runFor !== undefined) return `for ${runFor} s whatever the calendar says`;
  return calendar === undefined ? "no calendar" : "by its calendar";
}

async function prepare(settings: Settings, containerId: string, parts: RunParts, state: () => SupervisorState) {
  const { clock, log } = parts;
  const { database, calendar, healthPort } = settings;
  const line = (campaigns: number) => heartbeatLine(log, { ...state(), containerId, campaigns });
  const leases =
    database &&
    (await opened(log, event.leaseUnavailable, () =>
      parts.openLeases({
        database,
        settings,
        containerId,
        line,
        open: () => isOpenAt(clock.wall(), calendar),
      }),
    ));
  const stopBeating = leases === undefined ? beatAlone(parts, settings.interval * 1000, () => line(0)) : undefined;
  const campaigns = leases?.campaigns ?? noCampaigns;
  const probe = () => standingOf(containerId, state(), leases);
  const socket = await opened(log, event.socketUnavailable, () => parts.openSocket({ campaigns, probe, clock, log }));
  const health =
    healthPort && (await opened(log, event.healthPortUnavailable, () => parts.openHealthPort(healthPort, probe)));
  return {
    leases,
    // Without a socket not an older one's either: an inherited path leads to another runtime.
    environment: { ...workerEnvironment(parts.environment), [variable.socket]: socket?.path },
    close: async () => {
      stopBeating?.();
      await Promise.all([socket?.close(), health ? health.close() : undefined]);
    },
  };
}

/** A worker without a socket or leases gets no campaigns, but it answers the clinic's calls. */
async function opened<T>(log: Log, missing: EventName, open: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await open();
  } catch (error) {
    log("ERROR", missing, messageOf(error));
    return undefined;
  }
}

function standingOf(containerId: string, state: SupervisorState, leases: Leases | undefined): Standing {
  const { worker, shift } = state;
  const working = worker !== undefined && worker.health !== "unhealthy";
  return {
    ready: state.doing === "running" && state.leaving === undefined && working,
    details: {
      containerId,
      ...state,
      shift: shift && { window: shift.window, opens: new Date(shift.opens), closes: new Date(shift.closes) },
      // What others have, and how long their owners have been seen not to move.
      still: leases?.still() ?? [],
    },
  };
}
