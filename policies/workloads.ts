/** What Cloud Run runs, whatever the kind: where its containers, its account and its secrets are written. */
import { notYetKnown, type Problem, type Resource } from "./rule.ts";
import { JOB, SERVICE, SERVICE_V1, WORKER_POOL } from "./types.ts";
import { at, isHidden, isList, type Value } from "./value.ts";

/** Where a task is described, by the type of what runs it. */
const taskOf: Readonly<Record<string, string>> = {
  [JOB]: "template.template",
  [SERVICE]: "template",
  [SERVICE_V1]: "template.spec",
  [WORKER_POOL]: "template",
};

export function isWorkload(type: string): boolean {
  return Object.hasOwn(taskOf, type);
}

/** The path of a workload's task: `template.template` in a Job. */
export function taskPath({ type }: Pick<Resource, "type">): string {
  const path = taskOf[type];
  if (path === undefined) throw new Error(`${type} is nothing that Cloud Run runs`);
  return path;
}

/** The path of the account that a workload runs as. */
export function accountPath(resource: Pick<Resource, "type">): string {
  return `${taskPath(resource)}.${resource.type === SERVICE_V1 ? "serviceAccountName" : "serviceAccount"}`;
}

/** Looks at every item of a list that can be looked at. */
export function inEach(
  inputs: Value | undefined,
  path: string,
  look: (item: Value, path: string) => readonly Problem[],
): readonly Problem[] {
  const list = at(inputs, path);
  if (isHidden(list)) return [notYetKnown(path, list)];
  if (!isList(list)) return [];
  return list.flatMap((item, index) => {
    const itemPath = `${path}[${index}]`; // as Pulumi writes it
    return isHidden(item) ? [notYetKnown(itemPath, item)] : look(item, itemPath);
  });
}

/** Looks at every container of a workload. */
export function inContainers(
  resource: Resource,
  look: (container: Value, path: string) => readonly Problem[],
): readonly Problem[] {
  const task = taskPath(resource);
  return ["containers", "initContainers"].flatMap((list) => inEach(resource.inputs, `${task}.${list}`, look));
}

/** A use of a secret, as far as it is known. */
export interface SecretUse {
  /** The variable or volume it goes to. */
  readonly goesTo: string;
  readonly path: string;
  readonly secret: Value | undefined;
  readonly version: Value | undefined;
}

/** Looks at every secret that a workload reads, as a variable or a file, by the names of both versions of the API. */
export function inSecrets(resource: Resource, look: (use: SecretUse) => readonly Problem[]): readonly Problem[] {
  const variables = inContainers(resource, (container, path) =>
    inEach(container, "envs", (variable, below) => {
      const reference = at(variable, "valueSource.secretKeyRef") ?? at(variable, "valueFrom.secretKeyRef");
      if (reference === undefined) return [];
      const goesTo = at(variable, "name");
      return look({
        goesTo: typeof goesTo === "string" ? goesTo : `${path}.${below}`,
        path: `${path}.${below}`,
        secret: at(reference, "secret") ?? at(reference, "name"),
        version: at(reference, "version") ?? at(reference, "key"),
      });
    }),
  );
  const volumes = inEach(resource.inputs, `${taskPath(resource)}.volumes`, (volume, path) => {
    const secret = at(volume, "secret.secret") ?? at(volume, "secret.secretName");
    if (secret === undefined) return [];
    const items = at(volume, "secret.items");
    // An empty list is as good as none: the whole secret, at its latest version.
    const versions: readonly (Value | undefined)[] =
      isList(items) && items.length > 0
        ? items.map((item) => at(item, "version") ?? at(item, "key"))
        : [isHidden(items) ? items : undefined];
    return versions.flatMap((version) => look({ goesTo: `the volume ${path}`, path, secret, version }));
  });
  return [...variables, ...volumes];
}

/** Google's id of a secret, without what may stand before it: `projects/…/secrets/livekit-url`. */
export function secretId(text: string): string {
  return text.split("/").at(-1) ?? text;
}
