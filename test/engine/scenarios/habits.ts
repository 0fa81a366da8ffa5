/**
 * What Google and its provider do to a program that does not know their habits: raw resources, as the components never
 * declare them. Each shows a trap that the components stand clear of, and that the simulated cloud has it.
 */
import { expect } from "vitest";
import * as type from "../../support/cloud/names.ts";
import { expectUnchanged } from "../expect.ts";
import type { Scenario } from "../stage.ts";
import { account, clinic, email, type Given, location, project, up } from "./given.ts";

const grant = {
  type: type.SECRET_GRANT,
  name: "grant",
  properties: {
    project,
    secretId: "token",
    role: "roles/secretmanager.secretAccessor",
    member: `serviceAccount:${email}`,
  },
};

const job = (template: Record<string, unknown>) => ({
  type: type.JOB,
  name: "job",
  properties: { project, location, name: "dental", deletionProtection: false, template },
});

const vanishing: Scenario = {
  name: "a grant that is renamed without an alias is made, then deleted with its old name: nobody has it, and all is green",
  play: async (stage) => {
    const world = await clinic(stage);
    await up(world, account, grant);
    expect(world.cloud.ofType(type.SECRET_GRANT)).toHaveLength(1);
    expect((await up(world, account, { ...grant, name: "renamed" })).code).toBe(0);
    expect(world.cloud.ofType(type.SECRET_GRANT)).toEqual([]);
    expectUnchanged(await up(world, account, { ...grant, name: "renamed" }));
  },
};

const aliased: Scenario = {
  name: "a grant that is renamed with an alias stays",
  play: async (stage) => {
    const world = await clinic(stage);
    await up(world, account, grant);
    expectUnchanged(await up(world, account, { ...grant, name: "renamed", alias: "grant" }));
    expect(world.cloud.ofType(type.SECRET_GRANT)).toHaveLength(1);
  },
};

const task = { serviceAccount: email, timeout: "600s", containers: [{ image: "image" }] };
const container = { image: "image", resources: { limits: { cpu: "2", memory: "4Gi" } } };

/** Inputs of a Job that stay as they were when a program no longer gives them: with, and without. */
const leftOut: readonly (readonly [what: string, with_: Record<string, unknown>, without: Record<string, unknown>])[] =
  [
    ["timeout", { template: task }, { template: { ...task, timeout: undefined } }],
    ["serviceAccount", { template: task }, { template: { ...task, serviceAccount: undefined } }],
    ["taskCount", { taskCount: 3, template: task }, { template: task }],
    ["parallelism", { parallelism: 3, template: task }, { template: task }],
    [
      "limits",
      { template: { ...task, containers: [container] } },
      { template: { ...task, containers: [{ image: "image", resources: {} }] } },
    ],
  ];

const kept: readonly Scenario[] = leftOut.map(([what, before, after]) => ({
  name: `a Job's ${what} that is left out is not reset, and no preview says so`,
  play: async (stage) => {
    const world = await clinic(stage);
    await up(world, account, job(before));
    const had = JSON.stringify(world.cloud.ofType(type.JOB)[0]?.attributes.template);
    expectUnchanged(await up(world, account, job(after)));
    // Also when something else is changed.
    await up(world, account, { ...job(after), properties: { ...job(after).properties, labels: { owner: "clinic" } } });
    const [now] = world.cloud.ofType(type.JOB);
    expect(now?.attributes.labels).toEqual({ owner: "clinic" });
    expect(sorted(JSON.stringify(now?.attributes.template))).toBe(sorted(had));
  },
}));

/** The same letters: what is put back comes last. */
const sorted = (text: string): string => [...text].sort().join("");

/** Declared before what they need: one row for each thing that Google wants to be there. */
const tooEarly: readonly { readonly what: string; readonly answer: RegExp; readonly given: readonly Given[] }[] = [
  {
    what: "in a project whose API nobody enabled",
    answer: /403: cloudscheduler\.googleapis\.com has not been used/,
    given: [{ type: type.SCHEDULER_JOB, name: "early", properties: { project, region: location, name: "early" } }],
  },
  {
    what: "for an account that does not exist yet",
    answer: /400: Service account dental@.* does not exist/,
    given: [grant],
  },
  {
    what: "on something that does not exist yet",
    answer: /404: .*dental.* was not found/,
    given: [
      account,
      {
        type: type.JOB_GRANT,
        name: "early",
        properties: { project, location, name: "dental", role: "roles/run.invoker", member: `serviceAccount:${email}` },
      },
    ],
  },
  {
    what: "as a Job whose account may not read its secret",
    answer: /Permission denied on secret/,
    given: [
      account,
      {
        type: type.SECRET_VERSION,
        name: "version",
        properties: { secret: `projects/${project}/secrets/token`, secretData: "x" },
      },
      job({
        template: {
          ...task,
          containers: [
            { image: "image", envs: [{ name: "T", valueSource: { secretKeyRef: { secret: "token", version: "1" } } }] },
          ],
        },
      }),
    ],
  },
];

const refused: readonly Scenario[] = tooEarly.map(({ what, answer, given }) => ({
  name: `what is declared ${what} is refused`,
  play: async (stage) => {
    const world = await clinic(stage);
    const result = await up(world, ...given);
    expect(result.code).not.toBe(0);
    expect(result.errors.join()).toMatch(answer);
  },
}));

const referred: Scenario = {
  name: "a channel that a policy of somebody else still tells is not deleted",
  play: async (stage) => {
    const world = await clinic(stage);
    const channel = {
      type: type.CHANNEL,
      name: "oncall",
      properties: { project, displayName: "oncall", type: "email" },
    };
    await up(world, channel);
    const [made] = world.cloud.ofType(type.CHANNEL);
    const policy = { displayName: "theirs", notificationChannels: [made?.id] };
    world.cloud.put(type.POLICY, `projects/${project}/alertPolicies/1`, { type: type.POLICY, attributes: policy });
    const result = await up(world);
    expect(result.code).not.toBe(0);
    expect(result.errors.join()).toMatch(/still referenced by/);
    expect(world.cloud.ofType(type.CHANNEL)).toHaveLength(1);
  },
};

export const habits: readonly Scenario[] = [vanishing, aliased, ...kept, ...refused, referred];
