/** What the way from one plan of a stack to another means to people: hours, rounds, access, alerts, money. */
import type { StackPlan } from "../../domain/plan.ts";
import type { Instant } from "../../domain/zone.ts";
import { alertSentences } from "./alerts.ts";
import { hoursSentences } from "./hours.ts";
import { jobSentences, type PlannedWorker, shortImage } from "./job.ts";
import { roundSentences } from "./rounds.ts";
import { daysInWords, ifChanged, type Sentence, sides, timeRange } from "./sentence.ts";

/** All that can be said from the settings; who may do what is read from the resources (`access.ts`). */
export function planSentences(before: StackPlan, after: StackPlan, now: Instant): readonly Sentence[] {
  return [
    ...place(before, after),
    ...workers(before, after, now),
    ...generatedSecrets(before, after),
    ...roundSentences(before, after, now),
    ...alertSentences(before, after),
    ...labels(before, after),
  ];
}

function place({ context: was, repository: images }: StackPlan, { context: is, repository }: StackPlan) {
  const where = (plan: StackPlan["repository"]) => plan?.repositoryId ?? "none";
  return [
    ...ifChanged("place", "stack", "environment", was.environment, is.environment),
    ...ifChanged("place", "stack", "project", was.project, is.project),
    ...ifChanged("place", "stack", "region", was.region, is.region),
    ...ifChanged("place", "images", "repository", where(images), where(repository)),
    ...(["project", "region"] as const).flatMap((what) => {
      const [old, now] = [images?.[what], repository?.[what]];
      // What only goes with the whole stack is told of that.
      if (old === undefined || now === undefined || (old === was[what] && now === is[what])) return [];
      return ifChanged("place", "images", what, old, now);
    }),
  ];
}

function workers(before: StackPlan, after: StackPlan, now: Instant): readonly Sentence[] {
  const { added, removed, kept } = sides(planned(before), planned(after));
  return [
    ...kept.flatMap(([, was, is]) => [...hoursSentences(was.plan, is.plan, now), ...jobSentences(was, is)]),
    ...added.map(([about, { plan }]): Sentence => {
      const { cpu, memory, image, calendar } = plan;
      const windows = calendar.windows.map(({ days, open, close }) => `${daysInWords(days)} ${timeRange(open, close)}`);
      const hours = `new worker, open ${windows.join(", ")} ${calendar.timeZone}`;
      const what = image === undefined ? "prepared only, no image yet" : `image ${shortImage(image)}`;
      return { topic: "hours", about, text: `${hours}; ${cpu} vCPU, ${memory}, ${what}` };
    }),
    ...removed.map(
      ([about]): Sentence => ({ topic: "hours", about, text: "no such worker any more: nobody answers its calls" }),
    ),
  ];
}

function planned({ workers, settings }: StackPlan): Readonly<Record<string, PlannedWorker>> {
  return Object.fromEntries(
    workers.flatMap((plan) => {
      const own = settings.workers[plan.key];
      return own === undefined ? [] : [[plan.key, { plan, settings: own }]];
    }),
  );
}

/** A rotation that goes takes its version with it, for good. */
function generatedSecrets(before: StackPlan, after: StackPlan): readonly Sentence[] {
  const byId = ({ secrets }: StackPlan) => Object.fromEntries(secrets.map((secret) => [secret.secretId, secret]));
  const { kept } = sides(byId(before), byId(after));
  return kept.flatMap(([about, was, is]): Sentence[] => [
    ...is.rotations
      .filter((rotation) => !was.rotations.includes(rotation))
      .map((rotation): Sentence => ({ topic: "secrets", about, text: `a new version is made for ${rotation}` })),
    ...was.rotations
      .filter((rotation) => !is.rotations.includes(rotation))
      .map(
        (rotation): Sentence => ({ topic: "secrets", about, text: `the version made for ${rotation} is destroyed` }),
      ),
    ...ifChanged("secrets", about, "whose it is:", was.origin, is.origin),
  ]);
}

function labels({ context: was }: StackPlan, { context: is }: StackPlan): readonly Sentence[] {
  const { added, removed, kept } = sides(was.labels, is.labels);
  return [
    ...added.map(([key, value]): Sentence => ({ topic: "labels", about: "labels", text: `new ${key}: ${value}` })),
    ...removed.map(([key, value]): Sentence => ({ topic: "labels", about: "labels", text: `gone ${key}: ${value}` })),
    ...kept.flatMap(([key, old, now]) => ifChanged("labels", "labels", key, old, now)),
  ];
}
