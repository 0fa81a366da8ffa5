/** What the alerts look for is what the runtime prints. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { workerMetrics } from "../../domain/alerts/metrics.ts";
import { type EventName, event } from "../../domain/contract.ts";
import { planStack } from "../../domain/plan.ts";
import { configurationOf } from "../../domain/settings/configuration.ts";
import { readStack } from "../../preview/stack/stack-files.ts";
import { jsonLog } from "../../runtime/json-log.ts";
import { onClaim } from "../../runtime/lease/with-campaign.ts";
import { BuiltRuntime } from "../support/built-runtime.ts";
import { repository } from "../support/stack-previews.ts";
import { type Container, World } from "./lease/containers.ts";

/** A line of a container's standard output as Cloud Logging keeps it. https://docs.cloud.google.com/run/docs/logging (November 2026) */
function entryOf(line: string, job: string) {
  const { severity, time, ...jsonPayload } = JSON.parse(line) as Record<string, unknown>;
  return { severity, timestamp: time, jsonPayload, resource: { type: "cloud_run_job", labels: { job_name: job } } };
}

/** Logging's query language, as far as the workers' filters use it: what it does not know, it does not let pass. */
function matches(filter: string, entry: unknown): boolean {
  return filter.split(" AND ").every((term) => {
    const [, field = "", one, several] = /^([\w.]+)=(?:"([^"]*)"|\(([^)]*)\))$/.exec(term) ?? [];
    if (field === "") throw new Error(`no filter of a worker: ${term}`);
    const values = one === undefined ? (several ?? "").split(" OR ").map((text) => JSON.parse(text)) : [one];
    const value = field.split(".").reduce<unknown>((part, name) => (part as Record<string, unknown>)?.[name], entry);
    return values.includes(value);
  });
}

const { config, project } = await readStack(repository, "prod");
const { workers } = planStack(configurationOf(config, project.name));
const job = workers[0]?.jobName ?? "";
const metrics = workerMetrics("p", workers).filter(({ resource }) => resource === "cloud_run_job");

function countedBy(line: string, from = job): readonly string[] {
  return metrics.filter(({ filter }) => matches(filter, entryOf(line, from))).map(({ key }) => key);
}

/** The lines of a container in memory, as they are printed. */
function printed({ lines, clock }: Container): readonly string[] {
  const written: string[] = [];
  const log = jsonLog((line) => written.push(line), clock);
  for (const { severity, event, fields } of lines) log(severity as "INFO", event as "worker_heartbeat", "", fields);
  return written;
}

let built: BuiltRuntime;
beforeAll(() => {
  built = new BuiltRuntime();
});
afterAll(() => built.dispose());

test("each metric of a worker counts the lines of its event, and no line of another, nor another Job's", () => {
  const line = (name: EventName) => JSON.stringify({ event: name, severity: "INFO", time: "2027-06-07T08:00:00Z" });
  const counted = Object.values(event).map((name) => [name, countedBy(line(name))] as const);
  expect(Object.fromEntries(counted.filter(([, by]) => by.length > 0))).toEqual({
    worker_heartbeat: ["heartbeats"],
    orphan_recovered: ["orphans-recovered"],
    orphan_quarantined: ["orphans-quarantined"],
  });
  expect(countedBy(line(event.heartbeat), "another-clinic")).toEqual([]);
});

test("a heartbeat of the bundle is counted: without it an alert would page every day", async () => {
  const { stdout } = await built.run(["--", "sh", "-c", "exit 0"]);
  const lines = stdout.trim().split("\n");
  const heartbeats = lines.filter((line) => countedBy(line).length > 0);
  expect(heartbeats.map((line) => countedBy(line))).toEqual([["heartbeats"]]);
  expect(lines.length).toBeGreaterThan(3);
});

test("a takeover, and a campaign set aside, are each counted once", async () => {
  const world = new World();
  world.campaign("poison");
  const owner = world.working();
  const held = await world.until(owner.keeper.campaigns.next("r"));
  owner.keeper.campaigns.watch("poison", held?.claimId ?? "", () => {});
  const heir = world.working({ rules: { policy: "resume", limit: 1 } });
  await world.seconds(60);
  owner.crash();
  const taken = await world.poll(heir, 300);
  expect(taken?.id).toBe("poison");
  expect(printed(heir).flatMap((line) => countedBy(line))).toEqual(["orphans-recovered"]);
  const again = heir.keeper.campaigns.list()[0];
  if (again === undefined) throw new Error("nothing was taken over");
  const work = onClaim(
    heir.keeper.campaigns,
    { ...again, resumed: true, ambiguous: undefined },
    { clock: world.clock, random: world.random },
    async () => {
      throw new Error("cannot");
    },
  );
  await expect(world.until(work)).rejects.toThrow("cannot");
  await world.seconds(60);
  expect(await world.until(heir.keeper.campaigns.next("again"))).toBeUndefined();
  expect(printed(heir).flatMap((line) => countedBy(line))).toEqual(["orphans-recovered", "orphans-quarantined"]);
});
