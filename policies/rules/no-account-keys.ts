import { ofTypes, type ResourceRule } from "../rule.ts";
import { ACCOUNT_KEY } from "../types.ts";

export const noAccountKeys: ResourceRule = {
  name: "no-account-keys",
  title: "No account has a key that can be downloaded",
  level: "mandatory",
  why: "A key is a password that never expires, and the state holds it.",
  remedy:
    "Leave the key out: what runs on Google Cloud has its account, and everything else federates (docs/github.md).",
  from: [21],
  frameworks: [
    {
      name: "CIS Google Cloud Platform Foundation Benchmark",
      version: "3.0.0",
      reference: "1.4",
      specification: "There are only Google-managed service account keys for each service account",
    },
  ],
  appliesTo: ofTypes(ACCOUNT_KEY),
  check: () => [{ problem: "is a key of a service account." }],
};
