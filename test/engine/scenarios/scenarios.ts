import type { Scenario } from "../stage.ts";
import { changesOfStacks } from "./changes.ts";
import { deployment } from "./deployment.ts";
import { habits } from "./habits.ts";
import { identitiesOfThings } from "./identities.ts";
import { plansAndSecrets } from "./plans-and-secrets.ts";
import { troubles } from "./troubles.ts";

/** What a stack may meet, in the order in which it meets it. */
export const scenarios: readonly Scenario[] = [
  ...deployment,
  ...changesOfStacks,
  ...troubles,
  ...plansAndSecrets,
  ...habits,
  ...identitiesOfThings,
];
