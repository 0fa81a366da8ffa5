/** What must not be found in what was written, done and said. */

export const rules = {
  owners: "two owners: of one epoch, or an epoch that did not rise by one",
  stale: "a write of a past owner",
  twice: "an effect twice",
  late: "an effect of an owner whose claim was over, or that went on when it was",
  unwritten: "an effect that was not written down before it happened",
  lost: "a step that was lost, or skipped",
  unfinished: "a campaign that was not completed",
  taken: "a campaign that was taken from an owner that lived",
  ended: "a container that ended by itself, or not with 143 within 10 s of SIGTERM",
  mistake: "a mistake of the runtime, by its own log",
} as const;

export type Rule = keyof typeof rules;

export interface Violation {
  readonly rule: Rule;
  /** The campaign; of what a container did to none, the container. */
  readonly of: string;
  readonly what: string;
}
