import { z } from "zod";
import { alertsSchema } from "./alerts.ts";
import { form, key, labels, mapOf, projectId, region } from "./fields.ts";
import { roundsSchema } from "./rounds.ts";
import { workerSchema } from "./worker.ts";

const imagesSchema = z.strictObject({
  project: projectId.optional().describe("Project of the repository. Left out: `gcp:project`."),
  region: region.optional().describe("Region of the repository. Left out: `gcp:region`."),
  // https://docs.cloud.google.com/artifact-registry/docs/repositories/create-repos (November 2026)
  repository: form(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/, {
    kind: "a repository's name",
    limits: "1 to 63 lower-case letters, digits and hyphens, a letter first and no hyphen last",
    remedy: "Give the repository's name alone, such as agent-repo.",
    example: "agent-repo",
  }).describe("The Artifact Registry repository that holds the workers' images."),
});

/** The whole configuration of a stack, below its namespaces. */
export const settingsSchema = z.strictObject({
  "gcp:project": projectId.describe("The project of the workers, and of every section that names no other."),
  "gcp:region": region.describe("The region of the workers, and of every section that names no other."),
  environment: z
    .enum(["prod", "staging"])
    .describe(
      "Decides protection, the rounds' body and the workers' ENVIRONMENT (production, development); never the stack's name.",
    ),
  protect: z
    .boolean()
    .optional()
    .describe(
      "Whether jobs, secrets, accounts and the repository are protected against deletion. Default: in prod. Say `false` for one `up` before something in prod is removed.",
    ),
  labels: labels.default({}).describe("Labels on everything that takes labels."),
  images: imagesSchema.optional().describe("The repository of the workers' images."),
  workers: mapOf(key, workerSchema).default({}).describe("Workers by key, which is the name of the Cloud Run job."),
  rounds: roundsSchema.optional().describe("The patient rounds."),
  alerts: alertsSchema.optional().describe("Who is told of what. Left out, nobody is."),
});

export type SettingsInput = z.input<typeof settingsSchema>;
export type Settings = z.output<typeof settingsSchema>;
export type Environment = Settings["environment"];
