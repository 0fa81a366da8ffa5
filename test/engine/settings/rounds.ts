/** The patient rounds. */
import { SCHEDULER_JOB } from "../../support/cloud/names.ts";
import { changeByHand } from "../../support/cloud/people.ts";
import type { Row } from "./row.ts";
import {
  advice,
  agentMetrics,
  each,
  query,
  roundMetrics,
  roundPolicies,
  rounds,
  roundsApis,
  roundsDashboard,
  roundsProject,
} from "./words.ts";

const moved = "careflow-moved-12345";
const account = "account of rounds";
const right = "right to call careflow-agent";
const missed = "policy round-missed-america-new-york";
const drawn = { [roundsDashboard]: ["dashboardJson"] };

/** What names every round. */
const watching = {
  ...each(roundMetrics, "filter"),
  [missed]: [query, advice],
  ...each(["policy round-failure-rate", "policy round-retry-rate", "policy rounds-failing"], advice),
  ...drawn,
};

const north = { id: "north-1", name: "North Hospital" };
const withNorth = { "rounds.hospitals": { north }, "rounds.general": true };
const of = (hospital: string) => rounds.map((round) => `${round}.${hospital}`);

/** How long the retries of a round take is known to the alert that counts failures in a row. */
const retried = (property: string) => ({ updated: { ...each(rounds, property), "policy rounds-failing": [query] } });

export const roundRows: readonly Row[] = [
  {
    setting: "rounds.project",
    name: "the rounds are replaced with their account, and all that watches them",
    people: (cloud) => cloud.services.add(`${moved}/us-central1/careflow-agent`),
    change: { "rounds.project": moved },
    effects: {
      created: [...roundsApis(moved), `channel ${moved}.oncall`, `dashboard ${moved}`],
      deleted: [...roundsApis(roundsProject), `channel ${roundsProject}.oncall`, roundsDashboard],
      replaced: {
        ...each(
          [account, ...rounds, ...roundMetrics, ...agentMetrics, "metric twilio-errors", ...roundPolicies],
          "project",
        ),
        [right]: ["member"],
      },
    },
  },
  {
    setting: "rounds.region",
    name: "the rounds are replaced, and a pause that a person made is lost with them",
    people: (cloud) => {
      cloud.services.add(`${roundsProject}/us-east1/careflow-agent`);
      changeByHand(cloud, SCHEDULER_JOB, "/careflow-noon-rounds", { paused: true });
    },
    change: { "rounds.region": "us-east1" },
    effects: {
      updated: {
        ...each(roundMetrics, "filter"),
        "policy agent-latency": [query, advice],
        ...each(["policy round-duration", missed, "policy rounds-failing"], advice),
        ...drawn,
      },
      replaced: { ...each(rounds, "region"), [right]: ["location"] },
    },
  },
  {
    // Google makes a metric of the new name, and keeps the one of the old: see the page of projects.metrics.update.
    setting: "rounds.name",
    name: "the rounds and their account are replaced, and the metrics get other names",
    change: { "rounds.name": "pulse" },
    effects: {
      updated: {
        ...each([...agentMetrics, "metric twilio-errors"], "name"),
        ...each(roundMetrics, "filter", "name"),
        "policy round-duration": [query],
        ...each(
          ["policy round-failure-rate", missed, "policy round-retry-rate", "policy rounds-failing"],
          query,
          advice,
        ),
        ...drawn,
      },
      replaced: { [account]: ["accountId"], [right]: ["member"], ...each(rounds, "name") },
    },
  },
  {
    setting: "rounds.service.name",
    name: "the right to call moves to the other service",
    people: (cloud) => cloud.services.add(`${roundsProject}/us-central1/pulse-agent`),
    change: { "rounds.service.name": "pulse-agent" },
    effects: {
      created: ["right to call pulse-agent"],
      deleted: [right],
      updated: {
        ...each(agentMetrics, "filter"),
        "policy agent-latency": [query, advice],
        ...each(
          ["policy round-duration", "policy round-failure-rate", "policy round-retry-rate", "policy rounds-failing"],
          advice,
        ),
        ...drawn,
      },
    },
  },
  {
    setting: "rounds.service.url",
    name: "the next round calls the other address, with a token for it",
    change: { "rounds.service.url": "https://careflow-agent-moved-uc.a.run.app/rounds" },
    effects: { updated: each(rounds, "httpTarget.oidcToken.audience", "httpTarget.uri") },
  },
  {
    setting: "rounds.service.idempotent",
    name: "it is known to people alone",
    change: { "rounds.service.idempotent": true },
    effects: {},
  },
  {
    setting: "rounds.service.requestTimeout",
    name: "it is known to the checks alone: the service is not ours",
    change: { "rounds.service.requestTimeout": "900s" },
    effects: {},
  },
  {
    setting: "rounds.timeZone",
    name: "the rounds go by another clock",
    change: { "rounds.timeZone": "America/Chicago" },
    effects: {
      created: ["policy round-missed-america-chicago"],
      deleted: [missed],
      updated: each(rounds, "description", "httpTarget.body", "timeZone"),
    },
  },
  {
    setting: "rounds.daily.KEY",
    name: "a round is moved to another hour in place",
    change: { "rounds.daily.noon": "13:15" },
    effects: { updated: { "round noon": ["description", "httpTarget.body", "schedule"], [missed]: [query] } },
  },
  {
    setting: "rounds.daily.KEY",
    name: "a further round touches no other",
    change: { "rounds.daily.night": "22:15" },
    effects: { created: ["round night"], updated: watching },
  },
  {
    setting: "rounds.daily.KEY",
    name: "a round that is taken out calls nobody any more",
    change: { "rounds.daily.noon": undefined },
    effects: { deleted: ["round noon"], updated: watching },
  },
  {
    setting: "rounds.daily.KEY",
    name: "a renamed round is another round",
    change: { rename: "rounds.daily.noon", to: "midday" },
    effects: { created: ["round midday"], deleted: ["round noon"], updated: watching },
  },
  {
    setting: "rounds.daily.KEY",
    name: "rounds that exchange their times are changed in place, and told of in the new order",
    change: { "rounds.daily.noon": "20:15", "rounds.daily.evening": "12:15" },
    effects: {
      updated: {
        ...each(["round evening", "round noon"], "description", "httpTarget.body", "schedule"),
        [missed]: [query, advice],
        ...each(["policy round-failure-rate", "policy round-retry-rate", "policy rounds-failing"], advice),
        ...drawn,
      },
    },
  },
  {
    setting: "rounds.daily.KEY.at",
    name: "a round is moved within its hour, which is all that the agent is told",
    change: { "rounds.daily.noon": { at: "12:45" } },
    effects: { updated: { "round noon": ["description", "schedule"], [missed]: [query] } },
  },
  {
    setting: "rounds.daily.KEY.days",
    name: "a round is kept to some days, and missed on no other",
    change: { "rounds.daily.noon": { at: "12:15", days: "mon-fri" } },
    effects: { updated: { "round noon": ["schedule"], [missed]: [query] } },
  },
  {
    setting: "rounds.hospitals",
    name: "a hospital has rounds of its own, beside the general ones",
    change: withNorth,
    effects: { created: of("north"), updated: watching },
  },
  {
    setting: "rounds.hospitals",
    name: "a renamed hospital has other rounds",
    from: withNorth,
    change: { rename: "rounds.hospitals.north", to: "south" },
    effects: { created: of("south"), deleted: of("north"), updated: watching },
  },
  {
    setting: "rounds.hospitals.KEY.id",
    name: "the agent is told the other id",
    from: withNorth,
    change: { "rounds.hospitals.north.id": "north-2" },
    effects: { updated: each(of("north"), "httpTarget.body") },
  },
  {
    setting: "rounds.hospitals.KEY.name",
    name: "people read the other name",
    from: withNorth,
    change: { "rounds.hospitals.north.name": "St. North" },
    effects: { updated: each(of("north"), "description") },
  },
  {
    setting: "rounds.hospitals.KEY.timeZone",
    name: "a hospital's rounds go by its own clock, and are missed by it",
    from: withNorth,
    change: { "rounds.hospitals.north.timeZone": "America/Chicago" },
    effects: {
      created: ["policy round-missed-america-chicago"],
      updated: { ...each(of("north"), "description", "httpTarget.body", "timeZone"), [missed]: [query, advice] },
    },
  },
  {
    setting: "rounds.general",
    name: "the rounds without a hospital end",
    from: withNorth,
    change: { "rounds.general": false },
    effects: { deleted: rounds, updated: watching },
  },
  {
    setting: "rounds.attemptDeadline",
    name: "an attempt is given up sooner; a pause that a person made survives",
    people: (cloud) => changeByHand(cloud, SCHEDULER_JOB, "/careflow-noon-rounds", { paused: true }),
    change: { "rounds.attemptDeadline": "300s" },
    effects: retried("attemptDeadline"),
    kept: ["round noon: paused"],
  },
  {
    setting: "rounds.retry.count",
    name: "a failed round is tried less often",
    change: { "rounds.retry.count": 1 },
    effects: retried("retryConfig.retryCount"),
  },
  {
    setting: "rounds.retry.count",
    name: "without retries nothing is left of them",
    change: { "rounds.retry.count": 0 },
    effects: retried("retryConfig"),
  },
  {
    setting: "rounds.retry.minBackoff",
    name: "the first retry comes sooner",
    change: { "rounds.retry.minBackoff": "30s" },
    effects: { updated: each(rounds, "retryConfig.minBackoffDuration") },
  },
  {
    setting: "rounds.retry.maxBackoff",
    name: "retries lie farther apart",
    change: { "rounds.retry.maxBackoff": "10m" },
    effects: retried("retryConfig.maxBackoffDuration"),
  },
  {
    setting: "rounds.retry.maxDoublings",
    name: "the wait grows evenly sooner",
    change: { "rounds.retry.maxDoublings": 2 },
    effects: { updated: each(rounds, "retryConfig.maxDoublings") },
  },
  {
    setting: "rounds.paused",
    name: "nobody is called, and no round is missed",
    change: { "rounds.paused": true },
    effects: { deleted: [missed], updated: each(rounds, "paused") },
  },
  {
    setting: "rounds.paused",
    name: "left out after true the rounds stay paused, and are missed from then on",
    from: { "rounds.paused": true },
    change: { "rounds.paused": undefined },
    effects: { created: [missed] },
    kept: rounds.map((round) => `${round}: paused`),
  },
  {
    setting: "rounds.paused",
    name: "false after true resumes them",
    from: { "rounds.paused": true },
    change: { "rounds.paused": false },
    effects: { created: [missed], updated: each(rounds, "paused") },
  },
];
