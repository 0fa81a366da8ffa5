import type { Environment } from "./settings/settings.ts";

/** What every component of a stack shares. */
export interface StackContext {
  readonly environment: Environment;
  readonly project: string;
  readonly region: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Whether what is lost for good when it is deleted cannot be. */
  readonly protect: boolean;
}

/** Protection is prod's, unless the settings lift it: the first of the two steps of removing something there. */
export function isProtected(environment: Environment, stated: boolean | undefined): boolean {
  return stated ?? environment === "prod";
}
