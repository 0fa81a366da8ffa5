/** As in package.json: what an older one lacks would fail in the middle of a call, not at the start. */
const OLDEST = [22, 18] as const;

/** What is wrong with the Node that runs this, for people; `undefined` when nothing is. */
export function nodeProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return undefined;
  return `this is Node ${version}, and the runtime needs ${OLDEST.join(".")} or later: use the Node in /opt/agent-runtime, or a newer one`;
}
