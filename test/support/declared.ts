/**
 * What components declare, under Pulumi's mocks: also the options of each resource, which mocks alone do not show.
 * One fresh monitor a call, so that tests do not see each other's resources.
 */
import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";

export interface Declared {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** With secrets as `{ secret: value }`, and what only the cloud knows as `UNKNOWN`. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly parent: string;
  /** As the resource says itself; not what it inherits. */
  readonly protect: boolean | undefined;
  readonly deleteBeforeReplace: boolean;
  readonly dependencies: readonly string[];
  readonly aliases: readonly { readonly urn?: string; readonly name?: string; readonly parent?: string }[];
}

export const UNKNOWN = "unknown until it is made";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/**
 * Runs a program that declares components.
 *
 * @throws whatever the program throws, with nothing declared being part of the answer
 */
export async function declaredBy(program: () => void): Promise<readonly Declared[]> {
  const seen: Declared[] = [];
  await pulumi.runtime.setMocks(
    {
      // As in the preview of a new stack: a resource has no id yet, and knows what it was given.
      newResource: ({ type, inputs }) => ({
        id: undefined as never,
        state: { ...inputs, ...known(type, inputs) },
      }),
      call: ({ token }) => {
        throw new Error(`${token} was called: a preview would need credentials`);
      },
    },
    "agent-worker",
    "test",
    true,
  );
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) =>
    register(request, (error, response) => {
      if (response !== undefined) seen.push(readRequest(request, response.getUrn()));
      callback(error, response);
    });
  program();
  await pulumi.runtime.disconnect();
  return seen;
}

interface Monitor {
  registerResource(
    request: RegisterResourceRequest,
    callback: (error: unknown, response?: { getUrn(): string }) => void,
  ): void;
}

function readRequest(request: RegisterResourceRequest, urn: string): Declared {
  return {
    urn,
    type: request.getType(),
    name: request.getName(),
    inputs: plain(request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>,
    parent: request.getParent(),
    protect: request.hasProtect() ? request.getProtect() : undefined,
    deleteBeforeReplace: request.getDeletebeforereplace(),
    dependencies: request.getDependenciesList(),
    aliases: request.getAliasesList().map((alias) => {
      const spec = alias.getSpec();
      if (spec === undefined) return { urn: alias.getUrn() };
      return { name: spec.getName(), parent: spec.getParenturn() };
    }),
  };
}

function plain(value: unknown): unknown {
  if (value === "04da6b54-80e4-46f7-96ec-b56ff0331ba9") return UNKNOWN;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const entries = value as Record<string, unknown>;
  if (entries[SIGNATURE] === SECRET) return { secret: plain(entries.value) };
  return Object.fromEntries(Object.entries(entries).map(([key, inner]) => [key, plain(inner)]));
}

/** What is known beyond the inputs: an account's addresses, as in a real preview; a payload, so that its secrecy shows. */
function known(type: string, { accountId, project }: Record<string, unknown>): Record<string, unknown> {
  if (type === "random:index/randomPassword:RandomPassword") return { result: "cGF5bG9hZA" };
  if (type !== "gcp:serviceaccount/account:Account") return {};
  const email = `${accountId}@${project}.iam.gserviceaccount.com`;
  return { email, member: `serviceAccount:${email}` };
}

/** The one resource of a type (its last part is enough) and name. */
export function one(declared: readonly Declared[], type: string, name: string): Declared {
  const found = declared.filter((resource) => resource.type.split(":").at(-1) === type && resource.name === name);
  const [first] = found;
  if (first === undefined || found.length > 1) {
    const there = declared.map((resource) => `${resource.type} ${resource.name}`).join("\n");
    throw new Error(`${found.length} resources are ${type} ${name}; there are:\n${there}`);
  }
  return first;
}

/** Those of a type. */
export function all(declared: readonly Declared[], type: string): readonly Declared[] {
  return declared.filter((resource) => resource.type.split(":").at(-1) === type);
}
