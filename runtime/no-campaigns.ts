import { type Campaigns, Refusal } from "./lease/campaigns.ts";

/** Without a database, or leases over it, there are no campaigns: a worker that asks is told so, and goes on answering calls. */
export const noCampaigns: Campaigns = {
  claim: refuse,
  next: async () => undefined,
  begin: refuse,
  step: refuse,
  end: refuse,
  stopped: refuse,
  watch: () => {
    throw absent();
  },
  list: () => [],
};

async function refuse(): Promise<never> {
  throw absent();
}

function absent(): Refusal {
  return new Refusal(
    "absent",
    "there are no campaigns: the runtime has no database (MONGODB_URI is not set, or its log says lease_unavailable)",
  );
}
