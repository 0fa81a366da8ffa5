import { isOpenAt } from "../domain/calendar.ts";
import { event } from "../domain/contract.ts";
import { heartbeatLine } from "./heartbeat-log.ts";
import { newContainerId } from "./identity.ts";
import { jsonLog } from "./json-log.ts";
import type { Campaigns, Held } from "./lease/campaigns.ts";
import { type CampaignLease, onClaim, Requests, Works } from "./lease/with-campaign.ts";
import { nodeClock } from "./node-clock.ts";
import { nodeProblem } from "./node-version.ts";
import { openLeases } from "./open-leases.ts";
import type { Log, Millis } from "./ports.ts";
import { readNames, readSettings } from "./settings/read.ts";
import type { DriverDatabase } from "./store/mongo/driver.ts";
import { mongoOver } from "./store/mongo.ts";
import { budgetOf } from "./supervisor/budget.ts";
import { nodeRandom } from "./system.ts";
import { until } from "./waiting.ts";

export { FindingsError } from "../domain/findings.ts";
export { type Campaigns, type Outcome, Refusal, type RefusalCode } from "./lease/campaigns.ts";
export type { OpenEffect } from "./lease/record.ts";
export type { CampaignLease } from "./lease/with-campaign.ts";
export type { Fields, Log, Severity } from "./ports.ts";
export { StoreError } from "./store/store.ts";

export interface RuntimeOptions {
  /** The database of the campaigns, by the worker's own client (driver 6 or 7), which stays the worker's. */
  readonly db: DriverDatabase;
  /** The same by a client of its own, so that no work makes heartbeats late: `maxPoolSize: 3` is enough. Default: `db`. */
  readonly beats?: DriverDatabase;
  /** The settings, by name and text as in docs/runtime-settings.md. Default: this process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default: JSON lines on standard output, as Cloud Logging reads them. */
  readonly log?: Log;
}

/** The runtime inside a Node worker: its campaigns, and heartbeats for as long as it runs. */
export interface Runtime {
  readonly containerId: string;
  /**
   * Works on one campaign, and completes it when the work returns.
   *
   * @returns what the work returns
   * @throws what the work throws (the campaign is given back, which counts as a death unless the database was away, the
   *   lease lost, or the container drains); Refusal when it cannot be had, or was lost meanwhile; StoreError when the
   *   database does not answer
   */
  withCampaign<T>(id: string, work: (lease: CampaignLease) => Promise<T>): Promise<T>;
  /**
   * The same with the next one there is: in the order of `Campaigns.next`.
   *
   * @returns undefined when there is none, or no room, or the container drains
   */
  withNextCampaign<T>(work: (lease: CampaignLease) => Promise<T>): Promise<{ readonly result: T } | undefined>;
  /** What the two are made of, for who needs more: who takes a claim here also listens to it (`watch`), and ends it. */
  readonly campaigns: Campaigns;
  /** On SIGTERM: no new campaigns and no new effects; `lease.draining` aborts, heartbeats go on. */
  drain(): void;
  /**
   * Drains, waits for the work to end (as long as the grace period allows; then `lease.signal` aborts), gives back what
   * is left, and stops the heartbeats. What of it does not end, is not given back. The client stays open.
   */
  stop(): Promise<void>;
}

/** Ours: for work that listens to `lease.signal`, a moment. */
const REVOKED: Millis = 500;

/**
 * Starts the runtime in this process. It waits for no database: until one answers, campaigns cannot be had.
 *
 * @throws FindingsError with everything that is wrong with the settings; Error on a Node that is too old
 */
export async function startRuntime({ db, beats, env = process.env, log }: RuntimeOptions): Promise<Runtime> {
  const problem = nodeProblem(process.versions.node);
  if (problem !== undefined) throw new Error(`startRuntime: ${problem}`);
  // Where the records are, the worker's client knows; the names of collections and fields count all the same.
  const settings = readSettings({ ...env, MONGODB_URI: undefined, AGENT_REQUIRES: undefined });
  const names = readNames(env);
  const ports = {
    clock: nodeClock,
    random: nodeRandom,
    log: log ?? jsonLog((line) => process.stdout.write(line), nodeClock),
  };
  const containerId = newContainerId(settings.place, nodeRandom);
  const started = nodeClock.monotonic();
  let doing: "running" | "draining" = "running";
  const leases = openLeases(
    mongoOver(beats === undefined ? { work: db } : { work: db, beats }, names),
    {
      settings,
      containerId,
      open: () => isOpenAt(nodeClock.wall(), settings.calendar),
      line: (campaigns) => {
        const uptime = Math.round((nodeClock.monotonic() - started) / 1000);
        heartbeatLine(ports.log, { containerId, uptime, doing, campaigns });
      },
    },
    ports,
  );
  leases.onUnconfirmed(() => {
    ports.log(
      "ERROR",
      event.campaignFenced,
      "Work on a lost campaign does not end: it does not listen to lease.signal.",
    );
  });
  leases.workerStarted();
  const works = new Works();
  const requests = new Requests(leases.campaigns, ports);
  const drain = () => {
    doing = "draining";
    leases.drain("draining");
  };
  const { campaigns } = leases;
  // Whoever works with `campaigns` alone is no work of ours: of it we know its claims.
  const idle = () => works.idle && !campaigns.list().some(({ state }) => state === "held" || state === "fenced");
  // Nobody acts for one whose end is on its way, but whoever sent it waits for the answer.
  const done = () => idle() && !campaigns.list().some(({ state }) => state === "ending");
  // The process may end right after: what is given back has to be on its way.
  const worked = <T>(held: Held, work: (lease: CampaignLease) => Promise<T>) =>
    works.add(onClaim(campaigns, held, ports, work).finally(() => leases.givenBack()));
  return {
    containerId,
    campaigns,
    withCampaign: async (id, work) => worked(await requests.claim(id), work),
    withNextCampaign: async (work) => {
      const held = await requests.next();
      return held === undefined ? undefined : { result: await worked(held, work) };
    },
    drain,
    stop: async () => {
      drain();
      await until(nodeClock, budgetOf(settings.grace).kill, done);
      if (!idle()) leases.revoke();
      await until(nodeClock, REVOKED, idle);
      // Given back while something acts for it, it would have two owners.
      await leases.finish(idle() ? "released" : undefined);
    },
  };
}
