import { formatDuration, HOUR_SECONDS } from "../../domain/duration.ts";
import { count } from "../../domain/findings.ts";
import type { Instant } from "../../domain/zone.ts";
import {
  type Campaign,
  type CampaignStatus,
  campaignFields,
  campaignOf,
  type Lease,
  leaseOf,
  type Resume,
} from "../lease/record.ts";
import { either } from "../settings/form.ts";
import { pages } from "../store/pages.ts";
import type { Records, Store, Stored } from "../store/store.ts";
import { columns } from "./columns.ts";

/** As many as one question to the database asks for. */
const PAGE = 500;

/**
 * Campaigns as people look at them at night: ids, owners and states, nothing of a patient.
 *
 * @param now for the age of a heartbeat, which the server's clock wrote: the two may differ by seconds
 * @throws StoreError
 */
export async function campaignsTable(
  { work }: Store,
  { statuses, limit }: { readonly statuses: readonly CampaignStatus[]; readonly limit: number },
  now: Instant,
): Promise<readonly string[]> {
  const { rows, more } = await firstOf(work.campaigns, { status: [...statuses] }, campaignFields, limit);
  if (rows.length === 0) return [`No campaign is ${either(statuses)}.`];
  const heading = ["CAMPAIGN", "STATUS", "LEASE", "OWNER", "HEARTBEAT", "EPOCH", "CURSOR", "EFFECTS", "RECOVERIES"];
  const lines = rows
    .map(campaignOf)
    .map((campaign) => [
      ...[campaign.id, campaign.status, ownership(campaign), ...leaseCells(campaign.lease, now).slice(1)],
      String(campaign.resume.cursor),
      effects(campaign.resume),
      String(campaign.recovery.count),
    ]);
  return [...columns(heading, lines), "", told(rows.length, "campaign", more)];
}

/** The shifts that were alive last, of all Jobs; the latest at the end. @throws StoreError */
export async function shiftsTable({ work }: Store, limit: number, now: Instant): Promise<readonly string[]> {
  const { rows, more } = await lastOf(work.shifts, ["status", "lease"], limit);
  if (rows.length === 0) return ["No shift is recorded."];
  const heading = ["SHIFT", "STATUS", "LEASE", "OWNER", "HEARTBEAT", "EPOCH"];
  const lines = rows.map((row) => [row.id, text(row.status), ...leaseCells(leaseOf(row), now)]);
  return [...columns(heading, lines), "", told(rows.length, "shift", more)];
}

interface Found {
  readonly rows: readonly Stored[];
  readonly more: boolean;
}

async function firstOf(
  records: Records,
  expect: Readonly<Record<string, readonly string[]>>,
  fields: readonly string[],
  limit: number,
): Promise<Found> {
  const rows: Stored[] = [];
  // One more than asked for tells that there are more.
  for await (const page of pages(records, { expect, fields, limit: PAGE })) {
    rows.push(...page);
    if (rows.length > limit) break;
  }
  return { rows: rows.slice(0, limit), more: rows.length > limit };
}

/** Of a month: older ones are deleted by the database. */
async function lastOf(records: Records, fields: readonly string[], limit: number): Promise<Found> {
  const all: Stored[] = [];
  for await (const page of pages(records, { expect: {}, fields, limit: PAGE })) all.push(...page);
  const lastSeen = (record: Stored) => leaseOf(record).hbAt?.getTime() ?? 0;
  return { rows: all.sort((a, b) => lastSeen(a) - lastSeen(b)).slice(-limit), more: all.length > limit };
}

/** What nobody will ever work on is said, since it looks like work that waits. */
function ownership({ status, lease, unreadable }: Campaign): string {
  if (unreadable !== undefined) return `${unreadable} unreadable`;
  return status === "running" && lease.claimId === "" ? "none: left alone" : lease.state;
}

function effects({ open, unresolved }: Resume): string {
  const told = [
    ...(open === undefined ? [] : [`${open.effect || "effect"} at ${open.cursor}`]),
    ...(unresolved === 0 ? [] : [`${unresolved} unknown`]),
  ];
  return told.length === 0 ? "-" : told.join(", ");
}

function leaseCells({ owner, state, hbAt, epoch }: Lease, now: Instant): readonly string[] {
  return [state, ownerOf(owner), hbAt === undefined ? "never" : age(now - hbAt.getTime()), String(epoch)];
}

/** `execution/task/attempt` and the beginning of the random part: enough to find the container's log. */
function ownerOf(owner: string): string {
  return owner === "" ? "-" : owner.replace(/\/([0-9a-f]{6})[0-9a-f]{26}$/, "/$1…");
}

/** To the second within the first hour, and to the minute from then on. */
function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  return formatDuration(seconds < HOUR_SECONDS ? seconds : Math.floor(seconds / 60) * 60);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "-";
}

function told(shown: number, noun: string, more: boolean): string {
  return more ? `${count(shown, noun)} shown, and there are more: --limit shows them.` : `${count(shown, noun)}.`;
}
