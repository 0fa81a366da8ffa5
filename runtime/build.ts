import { CONTRACT_VERSION } from "../domain/contract.ts";

/** What the bundle is made of. */
export interface Build {
  /** Of agent-worker. */
  readonly version: string;
  /** The commit, `-modified` where the sources differ from it. */
  readonly commit: string;
}

/** Put in by scripts/build-runtime.ts; not there where the sources run by themselves. */
declare const AGENT_RUNTIME_BUILD: Build | undefined;

export const build: Build =
  typeof AGENT_RUNTIME_BUILD === "undefined" ? { version: "unbuilt", commit: "unknown" } : AGENT_RUNTIME_BUILD;

/** One line: which runtime an image holds, and what it can be declared with. */
export function versionLine({ version, commit }: Build = build): string {
  return `agent-runtime ${version} (commit ${commit}, contract ${CONTRACT_VERSION})`;
}
