/** What a policy says of a stack. */
export interface PolicyFinding {
  /** The rule's name: `image-pinned`. */
  readonly rule: string;
  readonly level: "mandatory" | "advisory";
  /** URN of the resource; absent where it is about the stack. */
  readonly urn?: string;
  readonly problem: string;
  readonly remedy: string;
  /** The property is not known before `up`: the rule could not decide. */
  readonly unknown?: true;
}
