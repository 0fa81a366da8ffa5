import type { Campaign } from "../../runtime/lease/record.ts";
import type { StillCampaign } from "../../runtime/leases.ts";
import type { Name } from "./stage.ts";

/** A call that was made: a line in the effects file. */
export interface Call {
  readonly campaign: string;
  readonly cursor: number;
  readonly attempt: string;
  readonly by: Name | undefined;
}

/** A campaign, as its record says. */
export interface SeenCampaign extends Pick<Campaign, "id" | "status"> {
  readonly owner: Name | undefined;
  readonly epoch: number;
  readonly cursor: number;
  /** A call that was begun, and of which nobody has said how it ended. */
  readonly open: Campaign["resume"]["open"];
  /** Seconds. Undefined while it has no owner. */
  readonly heartbeatAge: number | undefined;
}

/** How things stand at one moment. */
export interface Scene {
  /** Seconds since the story began. */
  readonly at: number;
  readonly campaigns: readonly SeenCampaign[];
  readonly calls: readonly Call[];
  /** When A was killed, in seconds since the story began. */
  readonly killedAt: number | undefined;
  /** What B watches. */
  readonly still: readonly StillCampaign[];
}

/** Something that happened, in one sentence. */
export interface Moment {
  readonly at: number;
  readonly text: string;
  /** What the story is about. */
  readonly weighty: boolean;
}

/** What happened between two looks, in the order in which it can have. */
export function momentsBetween(before: Scene, after: Scene): readonly Moment[] {
  const { at } = after;
  const moment = (text: string, weighty = false): Moment => ({ at, text, weighty });
  const ownership = after.campaigns.flatMap((now) => {
    const was = before.campaigns.find(({ id }) => id === now.id);
    if (was === undefined || now.epoch === was.epoch) return [];
    if (was.epoch === 0) return [moment(`${now.owner} claims ${now.id}: it is the owner, under epoch ${now.epoch}`)];
    const after = before.killedAt === undefined ? "" : `, ${(at - before.killedAt).toFixed(1)} s after A's death`;
    return [
      moment(`${now.owner} takes ${now.id} over under epoch ${now.epoch}${after}: no write of A's fits any more`, true),
    ];
  });
  const calls = after.calls
    .slice(before.calls.length)
    .map(({ by, campaign, cursor }) => moment(`${by} calls patient ${cursor + 1} of ${campaign}`));
  const resolved = after.campaigns.flatMap((now) => {
    const left = before.campaigns.find(({ id }) => id === now.id)?.open;
    if (left === undefined || now.epoch <= left.epoch || now.open?.attemptId === left.attemptId) return [];
    const patient = `patient ${left.cursor + 1} of ${now.id}`;
    return now.cursor > left.cursor
      ? [moment(`${now.owner} looks up A's open call to ${patient}: it was made. Nobody makes it again`, true)]
      : [moment(`${now.owner} looks up A's open call to ${patient}: it never happened, and may be made`, true)];
  });
  const ended = after.campaigns.flatMap(({ id, status }) => {
    const was = before.campaigns.find((campaign) => campaign.id === id)?.status;
    return status !== was && status !== "running" && was !== undefined ? [moment(`${id} is ${status}`)] : [];
  });
  return [...ownership, ...resolved, ...calls, ...ended];
}
