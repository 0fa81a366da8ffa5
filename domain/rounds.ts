import type { StackContext } from "./context.ts";
import { accountEmail, roundInvokerId, roundName } from "./names.ts";
import type { SchedulerJobPlan } from "./scheduler.ts";
import type { RoundsSettings } from "./settings/rounds.ts";
import { audienceOf, targetUri } from "./target.ts";
import { cronAt, formatTime } from "./week.ts";

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
  readonly accountId: string;
  readonly accountEmail: string;
  readonly rounds: readonly RoundPlan[];
}

/** Decides everything about the rounds from their settings, which are right by themselves (`roundsSchema`). */
export function planRounds(settings: RoundsSettings, context: StackContext): RoundsPlan {
  const project = settings.project ?? context.project;
  const region = settings.region ?? context.region;
  const accountId = roundInvokerId(settings.name);
  const general = settings.general ?? true;
  const audiences = [
    ...(general ? [undefined] : []),
    ...Object.entries(settings.hospitals).map(([hospital, { id, name, timeZone }]) => ({
      hospital,
      id,
      name,
      timeZone,
    })),
  ];
  const rounds = audiences.flatMap((hospital) =>
    Object.entries(settings.daily)
      .sort(([, a], [, b]) => a.at - b.at)
      .map(([round, { at, days }]): RoundPlan => {
        const timeZone = hospital?.timeZone ?? settings.timeZone;
        const cron = cronAt(at, days);
        return {
          round,
          hospital: hospital?.hospital,
          name: roundName(settings.name, round, hospital?.hospital),
          project,
          region,
          description: `${round} rounds${hospital === undefined ? "" : ` of ${hospital.name}`}, ${formatTime(at)} ${timeZone}`,
          cron,
          timeZone,
          at,
          days,
          uri: targetUri(settings.service.url),
          token: { kind: "oidc", audience: audienceOf(settings.service.url) },
          body: {
            scheduleHour: Math.floor(at / 60),
            timezone: timeZone,
            triggerType: "scheduled",
            source: "cloud-scheduler",
            environment: context.environment,
            ...(hospital === undefined ? {} : { hospitalId: hospital.id }),
          },
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
    accountId,
    accountEmail: accountEmail(accountId, project),
    rounds,
  };
}
