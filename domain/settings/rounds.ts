import { z } from "zod";
import { formatDuration } from "../duration.ts";
import { ATTEMPT_DEADLINE, MOST_RETRIES } from "../scheduler.ts";
import { serviceUrlProblem } from "../target.ts";
import { DAY, formatTime } from "../week.ts";
import { days, duration, form, key, mapOf, problem, projectId, region, text, time, timeZone, whole } from "./fields.ts";
import { doubles, inspect, rightEntries } from "./inspect.ts";
import { written } from "./written.ts";

const roundSchema = z
  .preprocess(
    (value) => (typeof value === "object" ? value : { at: value }),
    z.strictObject({
      at: time.describe("Local time of the round."),
      days: days.prefault("mon-sun").describe("Weekdays of the round."),
    }),
  )
  .check(
    inspect(["at"], (context) => {
      if (context.value.at === DAY) problem(context, '"24:00" is the next day\'s "00:00".', 'Write "00:00".', ["at"]);
    }),
  )
  .register(written, { kind: "a local time, or a map", example: '"08:15", in quotes' })
  .describe("A round: its time alone, or with its days.");

const hospitalSchema = z.strictObject({
  id: form(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, {
    kind: "a hospital's id",
    limits: "at most 63 letters, digits, dots, hyphens and underscores",
    remedy: "Give the id that the Pulse Agent knows the hospital by.",
    example: "hospital-a",
  }).describe("Sent to the Pulse Agent as `hospitalId`."),
  name: form(/^[^\p{Cc}\p{Cf}]{1,100}$/u, {
    kind: "a hospital's name",
    limits: "1 to 100 characters on one line",
    remedy: "Give its name as people know it.",
    example: "St. Mary",
  }).describe("Name for people, in descriptions."),
  timeZone: timeZone.optional().describe("The hospital's zone, where it differs from the rounds'."),
});

const serviceSchema = z.strictObject({
  // https://docs.cloud.google.com/run/docs/deploying (November 2026)
  name: form(/^[a-z]([a-z0-9-]{0,47}[a-z0-9])?$/, {
    kind: "a service's name",
    limits: "1 to 49 lower-case letters, digits and hyphens, a letter first and no hyphen last",
    remedy: "Give the name that `gcloud run services list` shows.",
    example: "careflow-agent",
  }).describe("The Cloud Run service to call."),
  url: text(
    { kind: "an https URL", example: '"https://careflow-agent-abc123-uc.a.run.app"' },
    serviceUrlProblem,
  ).describe("Its URL; a path is called as it is, the token's audience is the origin."),
  idempotent: z
    .boolean()
    .default(false)
    .describe("Whether the service answers a repeated round without calling patients again."),
  // https://docs.cloud.google.com/run/docs/configuring/request-timeout (November 2026)
  requestTimeout: duration({ min: 1, max: 3600, reason: "Cloud Run's longest request" })
    .prefault("300s")
    .describe("The service's own request timeout, not below `attemptDeadline`. The default is Cloud Run's."),
});

const wait = { min: 1, max: 3600, reason: "a round that is retried later is no longer that round" };

const retrySchema = z
  .strictObject({
    count: whole(0, MOST_RETRIES, `Cloud Scheduler retries at most ${MOST_RETRIES} times`)
      .default(3)
      .describe("Retries after the first attempt."),
    minBackoff: duration(wait).prefault("60s").describe("Wait before the first retry."),
    maxBackoff: duration(wait).prefault("300s").describe("Longest wait between retries."),
    maxDoublings: whole(0, 16, "the wait has long reached its longest by then")
      .default(5)
      .describe("How often the wait doubles before it grows evenly."),
  })
  .check(
    inspect(["minBackoff", "maxBackoff"], (context) => {
      const { minBackoff, maxBackoff } = context.value;
      if (minBackoff <= maxBackoff) return;
      problem(
        context,
        `${formatDuration(minBackoff)} is over maxBackoff (${formatDuration(maxBackoff)}).`,
        "Make it the smaller of the two.",
        ["minBackoff"],
      );
    }),
  );

type Round = z.output<typeof roundSchema>;

function sameHour(one: Round, other: Round): boolean {
  return Math.floor(one.at / 60) === Math.floor(other.at / 60) && one.days.some((day) => other.days.includes(day));
}

/** Settings of the patient rounds. */
export const roundsSchema = z
  .strictObject({
    project: projectId.optional().describe("Project of the rounds and of the service. Left out: `gcp:project`."),
    region: region.optional().describe("Region of the rounds and of the service. Left out: `gcp:region`."),
    name: key
      .default("careflow")
      .describe("Prefix of the names: `careflow-morning-rounds`, account `careflow-scheduler`."),
    service: serviceSchema.describe("Facts about the Pulse Agent, a service that is deployed elsewhere."),
    timeZone: timeZone.describe("Time zone of the rounds."),
    daily: mapOf(key, roundSchema).describe("The rounds by name."),
    hospitals: mapOf(key, hospitalSchema)
      .default({})
      .describe("Hospitals by key: each gets rounds of its own, with its id in the body."),
    general: z
      .boolean()
      .optional()
      .describe("Whether the rounds without a hospital go on. Must be stated with any hospital."),
    attemptDeadline: duration({ ...ATTEMPT_DEADLINE, reason: "what Cloud Scheduler can wait for an answer" })
      .prefault("600s")
      .describe("How long Cloud Scheduler waits for an answer before the attempt has failed."),
    retry: retrySchema.prefault({}).describe("What happens after a failed attempt."),
    paused: z
      .boolean()
      .optional()
      .describe("Left out, an operator's pause survives the next `up`. To resume after `true`, say `false` once."),
  })
  .check(
    inspect(["service.requestTimeout", "attemptDeadline"], (context) => {
      const { service, attemptDeadline } = context.value;
      if (service.requestTimeout >= attemptDeadline) return;
      problem(
        context,
        `${formatDuration(service.requestTimeout)} is below attemptDeadline (${formatDuration(attemptDeadline)}): Cloud Run answers 504 while the agent is still calling, and the retry calls the same patients again.`,
        "Raise it on the service, then here; or lower attemptDeadline.",
        ["service", "requestTimeout"],
      );
    }),
    inspect(["general"], (context) => {
      if (context.value.general !== undefined || Object.keys(context.value.hospitals ?? {}).length === 0) return;
      problem(
        context,
        "must be stated with hospitals: rounds with and without a hospital at once call the same patients twice.",
        "Set general: true if the rounds without a hospital go on, or general: false.",
        ["general"],
      );
    }),
    inspect(["general", "hospitals"], (context) => {
      if (context.value.general !== false || Object.keys(context.value.hospitals).length > 0) return;
      problem(context, "without hospitals there would be no round at all.", "Leave general out, or add a hospital.", [
        "general",
      ]);
    }),
    inspect(["daily"], (context) => {
      if (Object.keys(context.value.daily).length > 0) return;
      problem(context, "no round is given.", 'Give at least one, such as morning: "08:15".', ["daily"]);
    }),
    inspect([], (context) => {
      const rounds = rightEntries(context, ["daily"], context.value.daily);
      for (const [[earlier, { at }], [later, round]] of doubles(rounds, sameHour)) {
        problem(
          context,
          `${formatTime(round.at)} is in the same hour as ${earlier} (${formatTime(at)}): the body carries only the hour, so the agent cannot tell them apart.`,
          "Move one of them to another hour.",
          ["daily", later],
        );
      }
      const hospitals = rightEntries(context, ["hospitals"], context.value.hospitals);
      for (const [[earlier], [later, { id }]] of doubles(hospitals, (one, other) => one.id === other.id)) {
        problem(
          context,
          `${id} is also the id of ${earlier}: its patients would be called twice.`,
          "Give each hospital its own id.",
          ["hospitals", later, "id"],
        );
      }
    }),
  );

export type RoundsInput = z.input<typeof roundsSchema>;
export type RoundsSettings = z.output<typeof roundsSchema>;
