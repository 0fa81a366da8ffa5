/** A mistake in the protocol: one piece of text in one file, and what stands there instead. */
export interface Mutant {
  /** What somebody might have written. */
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** The guard of the sweep that it takes away (docs/proofs.md has them). */
  readonly guard?: string;
}

const lease = (file: string) => `runtime/lease/${file}.ts`;

export const mutants: readonly Mutant[] = [
  {
    name: "the owner's writes do not ask for epoch and claim",
    file: lease("writes"),
    find: 'return { status: "running", "lease.epoch": epoch, "lease.claimId": claimId };',
    replace: 'return { status: epoch > 0 && claimId !== "" ? "running" : "" };',
  },
  {
    name: "a takeover does not ask whether the owner has moved",
    file: lease("writes"),
    find: '"lease.claimId": claimId, "lease.hbSeq": counted(hbSeq) };',
    replace: '"lease.claimId": claimId, "lease.hbSeq": counted(hbSeq) || 0 }; hbSeq;',
  },
];
