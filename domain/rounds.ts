import type { StackContext } from "./context.ts";
import { accountEmail, roundInvokerId, roundName } from "./names.ts";
import type { Retry, SchedulerJobPlan } from "./scheduler.ts";
import type { RoundsSettings } from "./settings/rounds.ts";
import { targetUri, tokenFor } from "./target.ts";
import { cronAt, formatTime, type Minutes } from "./week.ts";

/** One round: a scheduled call to the Pulse Agent. */
export interface RoundPlan extends SchedulerJobPlan {
  readonly round: string;
  /** The hospital's key, for a round of its own. */
  readonly hospital: string | undefined;
}

/** Everything that is decided about the patient rounds. */
export interface RoundsPlan {
  readonly name: string;
  readonly project: string;
  readonly region: string;
  readonly protect: boolean;
  readonly service: { readonly name: string; readonly url: string; readonly idempotent: boolean };
  readonly retry: Retry;
  readonly accountId: string;
  readonly accountEmail: string;
  readonly rounds: readonly RoundPlan[];
}

/** What tells the agent which round it is. */
export interface RoundFacts {
  /** Local time of the round. */
  readonly at: Minutes;
  readonly timeZone: string;
  readonly environment: string;
  /** The id that the agent knows a hospital by; without one the round is for all patients. */
  readonly hospitalId?: string | undefined;
}

/** The body of a round, as the agent expects it (source 002). */
export function roundBody({ at, timeZone, environment, hospitalId }: RoundFacts) {
  return {
    scheduleHour: Math.floor(at / 60),
    timezone: timeZone,
    triggerType: "scheduled",
    source: "cloud-scheduler",
    environment,
    ...(hospitalId === undefined ? {} : { hospitalId }),
  };
}

/** Decides everything about the rounds from their settings, which are right by themselves (`roundsSchema`). */
export function planRounds(settings: RoundsSettings, context: StackContext): RoundsPlan {
  const project = settings.project ?? context.project;
  const region = settings.region ?? context.region;
  const accountId = roundInvokerId(settings.name);
  const named = Object.entries(settings.hospitals).map(([key, hospital]) => ({ ...hospital, key }));
  const hospitals = [...((settings.general ?? true) ? [undefined] : []), ...named];
  const daily = Object.entries(settings.daily).sort(([, a], [, b]) => a.at - b.at);
  const rounds = hospitals.flatMap((hospital) =>
    daily.map(([round, { at, days }]): RoundPlan => {
      const timeZone = hospital?.timeZone ?? settings.timeZone;
      return {
        round,
        hospital: hospital?.key,
        name: roundName(settings.name, round, hospital?.key),
        project,
        region,
        description: `${round} rounds${hospital === undefined ? "" : ` of ${hospital.name}`}, ${formatTime(at)} ${timeZone}`,
        cron: cronAt(at, days),
        timeZone,
        at,
        days,
        uri: targetUri(settings.service.url),
        token: tokenFor(settings.service.url),
        body: roundBody({ at, timeZone, environment: context.environment, hospitalId: hospital?.id }),
        attemptDeadline: settings.attemptDeadline,
        retry: settings.retry,
        ...(settings.paused === undefined ? {} : { paused: settings.paused }),
      };
    }),
  );
  return {
    name: settings.name,
    project,
    region,
    protect: context.protect,
    service: { name: settings.service.name, url: settings.service.url, idempotent: settings.service.idempotent },
    retry: settings.retry,
    accountId,
    accountEmail: accountEmail(accountId, project),
    rounds,
  };
}
