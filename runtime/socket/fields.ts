import * as z from "zod/mini";
import { type Finding, join } from "../../domain/findings.ts";

/** Ours, with room: ids are UUIDs, ObjectIds or short names. Bytes of UTF-8. */
export const ID_BYTES = 256;

/** Ours: `effect` and `reason` are words for people and logs, not the place for a story. Characters. */
export const WORDS_LENGTH = 200;

const id = z.string().check(z.refine((text) => text !== "" && Buffer.byteLength(text) <= ID_BYTES));
const words = z.string().check(z.refine((text) => text !== "" && text.length <= WORDS_LENGTH));

/** Every field that a call may have. */
export const field = {
  id,
  requestId: id,
  claimId: id,
  cursor: z.int().check(z.gte(0)),
  effect: words,
  reason: z.optional(words),
  outcome: z.enum(["done", "absent", "unknown"]),
  crashed: z.optional(z.boolean()),
};

interface Words {
  readonly limit: string;
  readonly remedy: string;
}

const idLimit = `a text of 1 to ${ID_BYTES} bytes`;
const wordsLimit = `a text of 1 to ${WORDS_LENGTH} characters`;

const described: Readonly<Record<string, Words>> = {
  id: { limit: idLimit, remedy: "Put the campaign's id into the path, percent-encoded." },
  requestId: { limit: idLimit, remedy: "Send a new UUID with each new request, and the same one when you repeat it." },
  claimId: { limit: idLimit, remedy: "Send the claimId that the claim was answered with." },
  cursor: { limit: "a whole number from 0", remedy: "Send the cursor of the last answer." },
  effect: { limit: wordsLimit, remedy: 'Say what kind of effect it is, as "dial", and nothing about a patient.' },
  reason: { limit: wordsLimit, remedy: "Say it in a few words, and nothing about a patient." },
  outcome: { limit: "done, absent or unknown", remedy: "Send one of the three." },
  crashed: { limit: "true or false", remedy: "Send true where the work failed by itself, or leave it out." },
};

/**
 * Reads the fields of a call.
 *
 * @param where "body" or "query": in front of the path of what is wrong with the fields as a whole
 * @returns the fields, or everything that is wrong with them. What was given is described and never repeated: it may be
 *   about a patient by mistake
 */
export function fieldsOf<S extends z.ZodMiniType>(
  schema: S,
  given: unknown,
  where: string,
): { readonly fields: z.output<S> } | { readonly findings: readonly Finding[] } {
  const result = z.safeParse(schema, given, { reportInput: true });
  if (result.success) return { fields: result.data };
  return { findings: result.error.issues.flatMap((issue) => findingsOf(issue, where)) };
}

function findingsOf(issue: z.core.$ZodIssue, where: string): readonly Finding[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: join(where, key),
      problem: "is no field of this call.",
      remedy: "Leave it out.",
    }));
  }
  const name = String(issue.path[0] ?? "");
  const words = described[name];
  if (words === undefined) {
    return [
      { path: where, problem: `${kindOf(issue.input)} is not a JSON object.`, remedy: "Send an object of fields." },
    ];
  }
  return [{ path: join(where, name), problem: `${kindOf(issue.input)} is not ${words.limit}.`, remedy: words.remedy }];
}

function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return value === "" ? "an empty text" : `a text of ${Buffer.byteLength(value)} bytes`;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return "an object";
}

/** What is wrong with a campaign's id as it stands in a path. */
export function idFindings(id: string | undefined): readonly Finding[] {
  const { limit, remedy } = described.id as Words;
  if (id === undefined) return [{ path: "id", problem: "is not percent-encoded UTF-8.", remedy }];
  const result = z.safeParse(field.id, id);
  return result.success ? [] : [{ path: "id", problem: `${kindOf(id)} is not ${limit}.`, remedy }];
}
