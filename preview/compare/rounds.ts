/** Which rounds call patients, when, and how often an attempt is repeated. */
import { formatDuration } from "../../domain/duration.ts";
import { nextRuns } from "../../domain/next-runs.ts";
import type { StackPlan } from "../../domain/plan.ts";
import type { RoundPlan, RoundsPlan } from "../../domain/rounds.ts";
import type { Retry } from "../../domain/scheduler.ts";
import { formatTime } from "../../domain/week.ts";
import type { Instant } from "../../domain/zone.ts";
import { daysInWords, ifChanged, listed, type Sentence } from "./sentence.ts";
import { firesInWords, nextThree, nextThreeOf } from "./times.ts";

export function roundSentences(before: StackPlan, after: StackPlan, now: Instant): readonly Sentence[] {
  const [was, is] = [before.rounds, after.rounds];
  if (was === undefined && is === undefined) return [];
  if (was === undefined) return [said("rounds", `new: ${inWords(is?.rounds ?? [])}`), ...added(is?.rounds ?? [], now)];
  if (is === undefined) {
    return [said("rounds", `none any more: nobody is called by ${listed(was.rounds.map(({ name }) => name))}`)];
  }
  return [
    ...hospitals(before, after, now),
    ...dailyRounds(was, is, now),
    ...ifChanged("rounds", "rounds", "retries", String(was.retry.count), String(is.retry.count), repeats(was, is)),
    ...ifChanged("rounds", "rounds", "time between retries", backoff(was.retry), backoff(is.retry)),
    ...ifChanged("rounds", "rounds", "deadline of an attempt", deadline(was), deadline(is)),
    ...moved(before, after, "project"),
    ...moved(before, after, "region"),
    ...ifChanged("rounds", "rounds", "service", was.service.name, is.service.name),
    ...ifChanged("rounds", "rounds", "service", was.service.url, is.service.url),
    ...ifChanged("rounds", "rounds", "request timeout of the service", requestTimeout(before), requestTimeout(after)),
    ...ifChanged("rounds", "rounds", "a repeated call", idempotent(was), idempotent(is)),
    ...ifChanged("rounds", "rounds", "paused:", pause(was), pause(is)),
  ];
}

const said = (about: string, text: string): Sentence => ({ topic: "rounds", about, text });

/** Hospitals come and go with all of their rounds: one sentence each. */
function hospitals(before: StackPlan, after: StackPlan, now: Instant): readonly Sentence[] {
  const [was, is] = [byHospital(before.rounds), byHospital(after.rounds)];
  const [olds, news] = [before.settings.rounds?.hospitals ?? {}, after.settings.rounds?.hospitals ?? {}];
  const name = (key: string) => (key === "" ? "all patients (no hospital)" : `hospital ${key}`);
  const rounds = (amount: number) => (amount === 1 ? "1 round" : `${amount} rounds`);
  return [
    ...[...is]
      .filter(([key]) => !was.has(key))
      .map(([key, of]) =>
        said(name(key), `new, ${rounds(of.length)}: ${inWords(of)}${named(news[key])}; ${soonest(of, now)}`),
      ),
    ...[...was]
      .filter(([key]) => !is.has(key))
      .map(([key, of]) => said(name(key), `removed, with ${rounds(of.length)}: ${inWords(of)}${named(olds[key])}`)),
    ...[...is].flatMap(([key]) => {
      const [old, fresh] = [olds[key], news[key]];
      if (old === undefined || fresh === undefined) return [];
      return [
        ...ifChanged("rounds", name(key), "is called", old.name, fresh.name),
        ...ifChanged("rounds", name(key), "is known to the agent as", old.id, fresh.id),
      ];
    }),
  ];
}

const named = (hospital: { readonly id: string; readonly name: string } | undefined): string =>
  hospital === undefined ? "" : ` (${hospital.name}, to the agent ${hospital.id})`;

const byHospital = (rounds: RoundsPlan | undefined): ReadonlyMap<string, readonly RoundPlan[]> =>
  Map.groupBy(rounds?.rounds ?? [], ({ hospital }) => hospital ?? "");

/** What happens to the rounds of those hospitals that are on both sides: once for all that change alike. */
function dailyRounds(was: RoundsPlan, is: RoundsPlan, now: Instant): readonly Sentence[] {
  const [hospitalsBefore, hospitalsAfter] = [byHospital(was), byHospital(is)];
  const keys = [...hospitalsAfter.keys()].filter((key) => hospitalsBefore.has(key));
  const texts = keys.flatMap((key) => {
    const [old, fresh] = [byRound(hospitalsBefore.get(key)), byRound(hospitalsAfter.get(key))];
    return [
      ...[...fresh].flatMap(([round, plan]) => {
        const before = old.get(round);
        if (before === undefined) return [[round, `new, ${firesInWords(plan)}; ${next(plan, now)}`, plan] as const];
        const fires = firesInWords(before, plan);
        return fires === firesInWords(plan) ? [] : [[round, `${fires}; ${next(plan, now)}`, plan] as const];
      }),
      ...[...old]
        .filter(([round]) => !fresh.has(round))
        .map(([round, plan]) => [round, `removed: no longer ${firesInWords(plan)}`, plan] as const),
    ];
  });
  return [...Map.groupBy(texts, ([round, text]) => `${round}\n${text}`).values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const [round, text, plan] = first;
    const jobs = [plan, ...others.map(([, , other]) => other)].map(({ name }) => name);
    return [said(`round ${round}`, `${text} (${jobs.length > 3 ? `${jobs.length} jobs` : listed(jobs)})`)];
  });
}

const byRound = (rounds: readonly RoundPlan[] = []): ReadonlyMap<string, RoundPlan> =>
  new Map(rounds.map((plan) => [plan.round, plan]));

const added = (rounds: readonly RoundPlan[], now: Instant): readonly Sentence[] =>
  rounds.length === 0 ? [] : [said("rounds", soonest(rounds, now))];

/** `morning 08:15, noon 12:15 America/New_York`; days only where they are not all. */
function inWords(rounds: readonly RoundPlan[]): string {
  const zones = [...Map.groupBy(rounds, ({ timeZone }) => timeZone)];
  return zones
    .map(([zone, those]) => {
      const times = those.map(
        ({ round, at, days }) => `${round} ${formatTime(at)}${days.length === 7 ? "" : ` ${daysInWords(days)}`}`,
      );
      return `${times.join(", ")} ${zone}`;
    })
    .join("; ");
}

/** In place of when it calls. */
const PAUSED = "paused: nobody is called";

const next = (round: RoundPlan, now: Instant): string =>
  round.paused === true ? PAUSED : nextThree(nextRuns(round, now, 3), round.timeZone);

/** The next three calls of any of some rounds. */
function soonest(rounds: readonly RoundPlan[], now: Instant): string {
  const calling = rounds.filter(({ paused }) => paused !== true);
  if (calling.length === 0) return PAUSED;
  const runs = calling
    .flatMap((round) => nextRuns(round, now, 3).map((run) => ({ ...run, timeZone: round.timeZone })))
    .sort((a, b) => a.at - b.at);
  return nextThreeOf(runs.slice(0, 3), new Set(calling.map(({ timeZone }) => timeZone)).size > 1);
}

function backoff({ minBackoff, maxBackoff, maxDoublings }: Retry): string {
  return `${formatDuration(minBackoff)} to ${formatDuration(maxBackoff)} in ${maxDoublings} doublings`;
}

function repeats({ retry: was }: RoundsPlan, { retry: is, service }: RoundsPlan): string {
  return is.count > was.count && !service.idempotent ? ": each may call the same patients again" : "";
}

/** Where the rounds and their service are; not where they only go with the whole stack, which is told by itself. */
function moved(before: StackPlan, after: StackPlan, what: "project" | "region"): readonly Sentence[] {
  const [was, is] = [before, after].map(({ rounds }) => rounds?.[what] ?? "");
  if (was === before.context[what] && is === after.context[what]) return [];
  return ifChanged("rounds", "rounds", what, was ?? "", is ?? "");
}

const requestTimeout = ({ settings: { rounds } }: StackPlan): string =>
  rounds === undefined ? "not known" : formatDuration(rounds.service.requestTimeout);
const deadline = ({ rounds: [round] }: RoundsPlan): string => formatDuration(round?.attemptDeadline ?? 0);
const idempotent = ({ service }: RoundsPlan): string =>
  service.idempotent ? "calls nobody twice, the settings say" : "may call patients twice, the settings say";
const pause = ({ rounds: [round] }: RoundsPlan): string =>
  round?.paused === undefined ? "not declared" : round.paused ? "yes" : "no";
