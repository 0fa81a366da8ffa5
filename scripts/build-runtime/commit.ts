/** Which sources these are. */
import { execFileSync } from "node:child_process";

/** What the bundle is made from: a change elsewhere does not make it another. */
export const sources = ["runtime", "domain", "scripts/build-runtime", "scripts/build-runtime.ts", "package-lock.json"];

/**
 * The commit, with `-modified` where the sources differ from it. Where there is no repository (in a container that
 * builds), SOURCE_COMMIT says it.
 */
export function commitOf(root: string): string {
  const given = process.env.SOURCE_COMMIT;
  if (given) return given;
  try {
    const git = (...args: readonly string[]) =>
      execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    const commit = git("rev-parse", "HEAD");
    return git("status", "--porcelain", "--", ...sources) === "" ? commit : `${commit}-modified`;
  } catch {
    return "unknown"; // --version then says so
  }
}
