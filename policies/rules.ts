/** The rules, in the order of the checklist that they come from (docs/policies.md). */

import type { Rule } from "./rule.ts";
import { alertRunbook } from "./rules/alert-runbook.ts";
import { alertTold } from "./rules/alert-told.ts";
import { cpuAndMemory } from "./rules/cpu-and-memory.ts";
import { deletionProtection } from "./rules/deletion-protection.ts";
import { federationCondition } from "./rules/federation-condition.ts";
import { grantsOnResources } from "./rules/grants-on-resources.ts";
import { imagePinned } from "./rules/image-pinned.ts";
import { imageRegistry } from "./rules/image-registry.ts";
import { imageRepository } from "./rules/image-repository.ts";
import { invokerAccount } from "./rules/invoker-account.ts";
import { labels } from "./rules/labels.ts";
import { noAccountKeys } from "./rules/no-account-keys.ts";
import { noBroadRoles } from "./rules/no-broad-roles.ts";
import { noPatientData } from "./rules/no-patient-data.ts";
import { noPlainSecrets } from "./rules/no-plain-secrets.ts";
import { noPublicAccess } from "./rules/no-public-access.ts";
import { oneTask } from "./rules/one-task.ts";
import { ownAccount } from "./rules/own-account.ts";
import { retriesRepeatCalls } from "./rules/retries-repeat-calls.ts";
import { schedule } from "./rules/schedule.ts";
import { scheduleWatched } from "./rules/schedule-watched.ts";
import { schedulerAttempts } from "./rules/scheduler-attempts.ts";
import { schedulerToken } from "./rules/scheduler-token.ts";
import { schedulerUri } from "./rules/scheduler-uri.ts";
import { secretGrants } from "./rules/secret-grants.ts";
import { secretVersionPinned } from "./rules/secret-version-pinned.ts";
import { secretVersionsKept } from "./rules/secret-versions-kept.ts";
import { serviceIngress } from "./rules/service-ingress.ts";
import { taskTimeoutRule } from "./rules/task-timeout.ts";
import { vpcEgress } from "./rules/vpc-egress.ts";

export const rules: readonly Rule[] = [
  ownAccount,
  imagePinned,
  imageRegistry,
  noPlainSecrets,
  secretVersionPinned,
  taskTimeoutRule,
  oneTask,
  cpuAndMemory,
  deletionProtection,
  vpcEgress,
  noPublicAccess,
  serviceIngress,
  schedulerToken,
  schedulerUri,
  schedule,
  schedulerAttempts,
  retriesRepeatCalls,
  invokerAccount,
  grantsOnResources,
  noBroadRoles,
  noAccountKeys,
  federationCondition,
  secretGrants,
  secretVersionsKept,
  alertTold,
  alertRunbook,
  scheduleWatched,
  labels,
  noPatientData,
  imageRepository,
];
