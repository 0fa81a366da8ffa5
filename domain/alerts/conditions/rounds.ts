import { DAY_SECONDS, formatDuration, HOUR_SECONDS } from "../../duration.ts";
import { groups, parts, slug } from "../calendars.ts";
import { counted } from "../metrics.ts";
import type { AlertPolicyPlan } from "../plan.ts";
import { chosen, incident, whenQuery } from "../policy.ts";
import { grown } from "../promql.ts";
import { consecutive } from "./consecutive.ts";
import { missed } from "./missed.ts";
import type { WatchedRounds } from "./watched.ts";

/** Rounds that Cloud Scheduler did not even try: one policy for each zone. A round that the settings pause is not expected. */
export function roundsMissed(watched: WatchedRounds): readonly AlertPolicyPlan[] {
  const { environment, project, region, settings, metrics, plan } = watched;
  const attempts = counted(metrics, "rounds-attempted");
  const expected = plan.rounds.filter(({ paused }) => paused !== true);
  return groups(expected, ({ timeZone }) => timeZone).flatMap(({ by: timeZone, members }) =>
    parts(members).map((rounds, index) => {
      const nth = index === 0 ? "" : ` ${index + 1}`;
      return whenQuery(
        {
          key: `round-missed-${slug(`${timeZone}${nth}`)}`,
          project,
          environment,
          title: `a round was missed, ${timeZone}${nth}`,
          severity: "CRITICAL",
          metrics: ["rounds-attempted"],
          advice: {
            means: `Cloud Scheduler made no attempt at a round within ${formatDuration(settings.startWithin)} of its time, and will not make up for it: these patients are not called. It tells also of a round that a person paused; set rounds.paused for a longer pause.`,
            steps: [
              "Look at the state: PAUSED means that a person stopped it, DISABLED or UPDATE_FAILED that it must be deployed again.",
              "Decide whether the hour still suits the patients. If it does, force the round: they are called at once.",
            ],
            commands: [
              ...chosen(
                "ROUND",
                rounds.map(({ name }) => name),
                incident.schedule,
              ),
              `gcloud scheduler jobs describe "$ROUND" --project=${project} --location=${region} --format="table(state, lastAttemptTime, scheduleTime, status.code)"`,
              `gcloud scheduler jobs run "$ROUND" --project=${project} --location=${region}`,
            ],
          },
        },
        missed(
          rounds.map((job) => ({ job, except: [] })),
          attempts,
          settings.startWithin,
        ),
      );
    }),
  );
}

/** Attempt after attempt of a round fails, and none succeeds. */
export function roundsFailing(watched: WatchedRounds): AlertPolicyPlan {
  const { environment, project, settings, metrics, plan } = watched;
  return whenQuery(
    {
      key: "rounds-failing",
      project,
      environment,
      title: "a round fails again and again",
      severity: "CRITICAL",
      metrics: ["rounds-failed", "rounds-succeeded"],
      advice: {
        means: `${settings.consecutiveFailures} attempts of a round in a row failed (or all of them, where it has fewer). Patients may not have been called. Or they were, by an agent that answered too late: then each further attempt calls them again.`,
        steps: [
          "Read the agent's log before anything else: were calls initiated?",
          "If they were, pause the round until the agent answers in time.",
          "If not: 403 means the grant, 404 a wrong URL, 5xx the agent itself.",
        ],
        commands: [
          ...attemptsAndAgent(watched),
          `gcloud scheduler jobs pause "$ROUND" --project=${project} --location=${plan.region}`,
        ],
      },
    },
    consecutive(
      plan.rounds,
      { failed: counted(metrics, "rounds-failed"), succeeded: counted(metrics, "rounds-succeeded") },
      settings,
    ),
  );
}

/** Share of failed attempts in an hour, by round. With one round in the hour any failure is over it. */
export function failureRate(watched: WatchedRounds): AlertPolicyPlan {
  const { environment, project, settings, metrics } = watched;
  const [failed, finished] = ["rounds-failed", "rounds-finished"].map((key) =>
    grown(counted(metrics, key), HOUR_SECONDS, "job_id"),
  );
  return whenQuery(
    {
      key: "round-failure-rate",
      project,
      environment,
      title: `over ${percent(settings.failureRate)} of a round's attempts fail`,
      severity: "ERROR",
      metrics: ["rounds-failed", "rounds-finished"],
      advice: {
        means: `More than ${percent(settings.failureRate)} of the attempts of a round in the last hour failed. A round has one attempt and its retries in an hour, so in practice this means: an attempt failed. If a retry succeeds the patients were called, perhaps twice.`,
        steps: [
          "See whether a later attempt succeeded.",
          "Compare with the agent's log whether patients were called more than once.",
        ],
        commands: attemptsAndAgent(watched),
      },
    },
    `${failed}/${finished}>${settings.failureRate}`,
  );
}

/**
 * Share of retries in a day, all rounds together: an approximation, since no log entry says of an attempt whether it is
 * a retry. Every failed attempt is taken for one, also the last, which none follows.
 */
export function retryRate(watched: WatchedRounds): AlertPolicyPlan {
  const { environment, project, settings, metrics } = watched;
  const [failed, finished] = ["rounds-failed", "rounds-finished"].map((key) =>
    grown(counted(metrics, key), DAY_SECONDS),
  );
  return whenQuery(
    {
      key: "round-retry-rate",
      project,
      environment,
      title: `over ${percent(settings.retryRate)} of the rounds are retried`,
      severity: "WARNING",
      metrics: ["rounds-failed", "rounds-finished"],
      advice: {
        means: `Of all attempts of a day more than ${percent(settings.retryRate)} failed, and so had to be retried. This is an approximation: Cloud Scheduler does not mark retries, so each failed attempt counts as one. With few rounds a day a single retry is over the limit.`,
        steps: [
          "Look for a pattern: the same round, the same hour, the same status.",
          "DEADLINE_EXCEEDED: the agent takes longer than the deadline. Let it answer first and call then.",
        ],
        commands: attemptsAndAgent(watched),
      },
    },
    `${failed}/${finished}>${settings.retryRate}`,
  );
}

function attemptsAndAgent({ project, plan }: WatchedRounds): readonly string[] {
  return [
    ...chosen(
      "ROUND",
      plan.rounds.map(({ name }) => name),
      incident.schedule,
    ),
    `gcloud logging read "resource.type=cloud_scheduler_job AND resource.labels.job_id=$ROUND" --project=${project} --freshness=1d --limit=20`,
    `gcloud logging read "resource.type=cloud_run_revision AND resource.labels.service_name=${plan.service.name} AND jsonPayload.source=cloud-scheduler" --project=${project} --freshness=1d --limit=20`,
  ];
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
