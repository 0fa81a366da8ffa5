import type { CampaignStatus } from "../lease/record.ts";

/** What an existing campaign collection calls things. */
export interface RecordNames {
  readonly collections: { readonly campaigns: string; readonly shifts: string; readonly containers: string };
  /** The runtime's fields of a campaign, each at the top of the document. */
  readonly fields: {
    readonly status: string;
    readonly lease: string;
    readonly resume: string;
    readonly recovery: string;
  };
  /** What stands in the status field for each status. */
  readonly statuses: Readonly<Record<CampaignStatus, string>>;
  /** What a campaign's `_id` is. A hex string does not find an ObjectId. */
  readonly id: "string" | "objectId";
}

export const defaultNames: RecordNames = {
  collections: { campaigns: "campaigns", shifts: "agent_shifts", containers: "agent_containers" },
  fields: { status: "status", lease: "lease", resume: "resume", recovery: "recovery" },
  statuses: {
    queued: "queued",
    running: "running",
    interrupted: "interrupted",
    completed: "completed",
    failed: "failed",
    quarantined: "quarantined",
  },
  id: "string",
};
