/** What a worker is: size, image, retries, variables and secrets. */
import { formatDuration } from "../../domain/duration.ts";
import { quoted } from "../../domain/findings.ts";
import { parseImage } from "../../domain/image.ts";
import type { WorkerSettings } from "../../domain/settings/worker.ts";
import type { SecretReference, WorkerPlan } from "../../domain/worker.ts";
import { holdsCredential, isCredential } from "../credentials.ts";
import { fromTo, ifChanged, type Sentence, sides } from "./sentence.ts";

/** In place of values, old and new. */
const NOT_TOLD = "(it looks like a credential, and is not shown)";

export interface PlannedWorker {
  readonly plan: WorkerPlan;
  readonly settings: WorkerSettings;
}

export function jobSentences(before: PlannedWorker, after: PlannedWorker): readonly Sentence[] {
  const [was, is] = [before.plan, after.plan];
  const about = is.key;
  return [
    ...image(was, is),
    ...ifChanged("size", about, "CPU", `${was.cpu} vCPU`, `${is.cpu} vCPU`),
    ...ifChanged("size", about, "memory", was.memory, is.memory),
    ...retries(was, is),
    ...secrets(was, is),
    ...variables(before, after),
    ...commands(was, is),
    ...ifChanged("heartbeat", about, "heartbeat", heartbeat(was), heartbeat(is)),
  ];
}

function image(was: WorkerPlan, is: WorkerPlan): readonly Sentence[] {
  const about = is.key;
  if (was.image === is.image) return [];
  if (was.image === undefined) {
    const text = `first image, ${shortImage(is.image ?? "")}: its job, starts and alerts are declared`;
    return [{ topic: "image", about, text }];
  }
  if (is.image === undefined) {
    return [{ topic: "image", about, text: `no image any more: it is only prepared, and nobody answers` }];
  }
  const [old, now] = [was.image, is.image].map(parseImage);
  const loose =
    old?.digest !== undefined && now?.digest === undefined ? "; no digest any more: what runs can change unseen" : "";
  const [before, after] = [shortImage(was.image), shortImage(is.image)];
  // The same image of another registry, or digests that somebody made begin alike, are told in full.
  const moved = before === after ? fromTo(was.image, is.image) : fromTo(before, after);
  return [{ topic: "image", about, text: `image ${moved}${loose}` }];
}

/** Registry and most of a digest left out: `dental-agent-worker@4f9c6a0b6c6f`. */
export function shortImage(image: string): string {
  const parsed = parseImage(image);
  if (parsed === undefined) return image;
  const { path, tag, digest } = parsed;
  const version = digest === undefined ? `:${tag}` : `@${digest.slice("sha256:".length, 19)}`;
  return `${path.split("/").at(-1)}${version}`;
}

function retries(was: WorkerPlan, is: WorkerPlan): readonly Sentence[] {
  const why =
    is.maxRetries === 0 ? ": a task that fails is not started again before the next opening" : " of a task that failed";
  return ifChanged("retries", is.key, "retries", String(was.maxRetries), String(is.maxRetries), why);
}

const version = ({ version }: SecretReference): string =>
  "number" in version ? version.number : `the one made for ${version.rotation}`;

/** Secrets by name and version; never what is in them. */
function secrets(was: WorkerPlan, is: WorkerPlan): readonly Sentence[] {
  const { added, removed, kept } = sides(was.secretEnv, is.secretEnv);
  const about = is.key;
  const said = (text: string): Sentence => ({ topic: "secrets", about, text });
  const named = (reference: SecretReference) => `${reference.secretId} version ${version(reference)}`;
  return [
    ...kept.flatMap(([variable, old, now]): Sentence[] => {
      if (named(old) === named(now)) return [];
      const same = old.secretId === now.secretId;
      return [
        said(
          same
            ? `secret ${now.secretId} version ${fromTo(version(old), version(now))} (${variable})`
            : `${variable} reads another secret: ${fromTo(named(old), named(now))}`,
        ),
      ];
    }),
    ...added.map(([variable, now]) => said(`${variable} is new, from ${named(now)}`)),
    ...removed.map(([variable, old]) => said(`${variable} is not read any more (${named(old)})`)),
  ];
}

/** Values are settings in plain, of a public file; one that is or was a secret is not among them. */
function variables(before: PlannedWorker, after: PlannedWorker): readonly Sentence[] {
  const { added, removed, kept } = sides(before.settings.env, after.settings.env);
  const about = after.plan.key;
  const said = (text: string): Sentence => ({ topic: "variables", about, text });
  const secret = (name: string) =>
    Object.hasOwn(before.plan.secretEnv, name) || Object.hasOwn(after.plan.secretEnv, name);
  const shown = (name: string, value: string) =>
    secret(name) ? "in plain" : isCredential(name, value) ? NOT_TOLD : `= ${quoted(value)}`;
  const changed = (name: string, old: string, now: string) =>
    isCredential(name, old, now) ? `changed ${NOT_TOLD}` : fromTo(quoted(old), quoted(now));
  return [
    ...kept.flatMap(([name, old, now]) => (old === now ? [] : [said(`variable ${name} ${changed(name, old, now)}`)])),
    ...added.map(([name, now]) => said(`new variable ${name} ${shown(name, now)}`)),
    ...removed.map(([name]) => said(`no variable ${name} ${secret(name) ? "in plain " : ""}any more`)),
    ...ifChanged(
      "variables",
      about,
      "ENVIRONMENT",
      before.plan.env.ENVIRONMENT ?? "",
      after.plan.env.ENVIRONMENT ?? "",
    ),
  ];
}

function commands(was: WorkerPlan, is: WorkerPlan): readonly Sentence[] {
  const about = is.key;
  if (command(was) === command(is)) return [];
  if (!holdsCredential([...was.args, ...is.args]))
    return ifChanged("command", about, "command", command(was), command(is));
  return [{ topic: "command", about, text: `command changed ${NOT_TOLD}` }];
}

function command({ supervised, args }: WorkerPlan): string {
  return supervised ? quoted(args.slice(1).join(" ")) : "the image's own entry point, without the runtime";
}

const heartbeat = ({ heartbeat: { interval, orphanAfter } }: WorkerPlan): string =>
  `every ${formatDuration(interval)}, dead after ${formatDuration(orphanAfter)}`;
