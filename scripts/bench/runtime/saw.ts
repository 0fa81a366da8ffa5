import type { Container } from "../../demo/container.ts";

/** What a machine that does other things too may need for anything here. */
const PATIENCE = 60_000;

/**
 * Waits for an event in a container's log.
 *
 * @returns when it was read, of `performance.now()`
 * @throws Error with its last words when it does not come, or the container ends before
 */
export function saw(container: Container, event: string, within = PATIENCE): Promise<number> {
  return new Promise((resolve, reject) => {
    const said = () => container.lines.slice(-5).map(({ message }) => `  ${message}`);
    const give = (why: string) => reject(new Error([`no ${event}: ${why}`, ...said()].join("\n")));
    const late = setTimeout(() => give(`not in ${within / 1000} s`), within);
    const look = () => {
      if (!container.has(event) && !container.over) return;
      clearTimeout(late);
      if (container.has(event)) resolve(performance.now());
      else give("the container has ended");
    };
    container.onChange(look);
    look();
  });
}
