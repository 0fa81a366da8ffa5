import { z } from "zod";
import { distinct, form, problem, whole } from "./fields.ts";
import { inspect } from "./inspect.ts";
import { written } from "./written.ts";

/** A variable's secret. Nothing of what is written here is shown: people paste the secret itself where its name belongs. */
export const secretSchema = z
  .strictObject({
    secret: form(/^[A-Za-z0-9_-]{1,255}$/, {
      kind: "a secret's id",
      // https://docs.cloud.google.com/secret-manager/docs/creating-and-accessing-secrets (November 2026)
      limits: "1 to 255 letters, digits, hyphens and underscores",
      remedy: "Give the secret's id in Secret Manager, without project and version.",
      example: "livekit-url",
      hidden: true,
    }).describe("The secret's id in Secret Manager."),
    version: form(/^([1-9][0-9]{0,9}|latest)$/, {
      kind: "a secret's version",
      limits: "Secret Manager numbers them from 1",
      remedy: 'Give its number, such as "3" (or "latest" in staging).',
      example: '"3", in quotes',
      hidden: true,
    })
      .optional()
      .describe("The version that the worker reads, or `latest`. Stated unless the secret is generated."),
    existing: z
      .boolean()
      .default(false)
      .describe("The secret is somebody else's: only the worker's right to read it is declared."),
    generate: z
      .strictObject({
        bytes: whole(16, 1024, "fewer random bytes can be guessed, and more are of no use")
          .default(32)
          .describe("How many random bytes the payload is worth; it is written in the 64 characters of base64url."),
        rotations: distinct(
          form(/^[a-z0-9][a-z0-9-]{0,39}$/, {
            kind: "a rotation's label",
            limits: "1 to 40 lower-case letters, digits and hyphens",
            remedy: "Write a date or a quarter, such as 2026-q4.",
            example: "2026-q4",
          }),
        )
          .check(
            inspect([], (context) => {
              if (context.value.length > 0) return;
              problem(context, "no rotation is given: the secret would have no version.", "Give one, such as 2026-q4.");
            }),
          )
          .describe("One version a label; the last is used. Removing a label destroys its version."),
      })
      .optional()
      .describe("The stack makes the payload itself."),
  })
  .check(
    inspect(["version"], (context) => {
      const { version, generate } = context.value;
      if (generate !== undefined && version !== undefined) {
        problem(context, "a generated secret's version follows from its last rotation.", "Leave version out.", [
          "version",
        ]);
      }
      if (generate === undefined && version === undefined) {
        problem(
          context,
          "no version is given, and a secret that nobody pinned changes under a running clinic.",
          'Give the version, such as "1".',
          ["version"],
        );
      }
    }),
    inspect(["existing"], (context) => {
      if (!context.value.existing || context.value.generate === undefined) return;
      problem(context, "somebody else's secret cannot be generated here.", "Leave out existing or generate.", [
        "existing",
      ]);
    }),
  )
  .register(written, { kind: "a map", example: '{ secret: livekit-url, version: "1" }' });

export type SecretSettings = z.output<typeof secretSchema>;
