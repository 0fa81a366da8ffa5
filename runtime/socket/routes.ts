import * as z from "zod/mini";
import { CONTRACT_VERSION } from "../../domain/contract.ts";
import type { Campaigns, Held } from "../lease/campaigns.ts";
import { type Answer, seconds } from "./answer.ts";
import { field } from "./fields.ts";
import { type Probe, probes } from "./probe.ts";

/** What the calls are about. */
export interface Subject {
  readonly campaigns: Campaigns;
  readonly probe: Probe;
}

interface CampaignPath {
  readonly path: string;
  /** The last part of the path, after the campaign's id. */
  readonly fields: z.ZodMiniType;
}

/** Reads a body, does one thing, answers. */
export interface Call extends CampaignPath {
  readonly kind: "call";
  readonly method: "POST";
  readonly answer: (campaigns: Campaigns, id: string, fields: never) => Promise<Answer>;
  /** Whether the claim is over when it is done: its streams end. */
  readonly ends: boolean;
}

/** A stream of a claim's events. */
export interface Stream extends CampaignPath {
  readonly kind: "stream";
  readonly method: "GET";
}

/** How things are. */
export interface Look {
  readonly kind: "look";
  readonly method: "GET";
  readonly path: string;
  readonly answer: (subject: Subject) => Answer;
}

export type Route = Call | Stream | Look;

const { requestId, claimId, cursor, effect, outcome, reason, crashed } = field;
const ok = (body: Readonly<Record<string, unknown>>): Answer => ({ status: 200, body });
const nothing: Answer = { status: 204 };

/** Every call of the socket; `{id}` is a campaign's id, percent-encoded. */
export const routes: readonly Route[] = [
  call("/v1/campaigns/next", { requestId }, async (campaigns, _, { requestId }) => {
    const held = await campaigns.next(requestId);
    return held === undefined ? nothing : ok(claimed(held));
  }),
  call("/v1/campaigns/{id}/claim", { requestId }, async (campaigns, id, { requestId }) =>
    ok(claimed(await campaigns.claim(id, requestId))),
  ),
  call("/v1/campaigns/{id}/begin", { claimId, cursor, effect }, async (campaigns, id, begun) => {
    const { attemptId, notAfter } = await campaigns.begin(id, begun);
    return ok({ attemptId, notAfter: seconds(notAfter) });
  }),
  call("/v1/campaigns/{id}/step", { claimId, cursor, outcome }, async (campaigns, id, stepped) => {
    const { cursor, notAfter } = await campaigns.step(id, stepped);
    return ok({ cursor, notAfter: seconds(notAfter) });
  }),
  last("/v1/campaigns/{id}/complete", { claimId }, async (campaigns, id, { claimId }) => {
    await campaigns.end(id, { claimId, ending: "complete" });
    return nothing;
  }),
  last("/v1/campaigns/{id}/fail", { claimId, reason }, async (campaigns, id, { claimId, reason }) => {
    await campaigns.end(id, { claimId, ending: "fail", reason });
    return nothing;
  }),
  last("/v1/campaigns/{id}/release", { claimId, reason }, async (campaigns, id, { claimId, reason }) => {
    await campaigns.end(id, { claimId, ending: "release", reason });
    return nothing;
  }),
  last("/v1/campaigns/{id}/stopped", { claimId, crashed }, async (campaigns, id, { claimId, crashed }) => {
    await campaigns.stopped(id, claimId, crashed === true ? "crashed" : "stopped");
    return nothing;
  }),
  { kind: "stream", method: "GET", path: "/v1/campaigns/{id}/events", fields: z.strictObject({ claimId }) },
  { kind: "look", method: "GET", path: "/v1/state", answer: state },
  ...[...probes].map(
    ([path, answer]): Look => ({ kind: "look", method: "GET", path, answer: ({ probe }) => answer(probe) }),
  ),
];

function call<Shape extends z.core.$ZodLooseShape>(
  path: string,
  shape: Shape,
  answer: (campaigns: Campaigns, id: string, fields: z.output<z.ZodMiniObject<Shape>>) => Promise<Answer>,
): Call {
  return { kind: "call", method: "POST", path, fields: z.strictObject(shape), answer, ends: false };
}

/** A claim's last call. */
function last<Shape extends z.core.$ZodLooseShape>(...of: Parameters<typeof call<Shape>>): Call {
  return { ...call(...of), ends: true };
}

function claimed({ id, claimId, epoch, cursor, resumed, ambiguous, notAfter }: Held) {
  const open =
    ambiguous === undefined
      ? null
      : { cursor: ambiguous.cursor, effect: ambiguous.effect, attemptId: ambiguous.attemptId };
  return { id, claimId, epoch, cursor, resumed, ambiguous: open, notAfter: seconds(notAfter) };
}

function state({ campaigns, probe }: Subject): Answer {
  const { ready, details } = probe();
  const list = campaigns.list().map((campaign) => ({ ...campaign, notAfter: seconds(campaign.notAfter) }));
  return ok({ contract: CONTRACT_VERSION, ready, details, campaigns: list });
}

/** A route that a path leads to, and the campaign's id in it: undefined where it is no percent-encoded UTF-8. */
export interface Found<R extends Route = Route> {
  readonly route: R;
  readonly id: string | undefined;
}

/** Every route with this path, whatever its method. */
export function routesAt(path: string): readonly Found[] {
  const parts = path.split("/");
  return routes.flatMap((route) => {
    const pattern = route.path.split("/");
    const fits = pattern.length === parts.length && pattern.every((part, at) => part === "{id}" || part === parts[at]);
    if (!fits) return [];
    const at = pattern.indexOf("{id}");
    return [{ route, id: at === -1 ? "" : decoded(parts[at] ?? "") }];
  });
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
