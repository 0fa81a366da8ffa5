/** A whole number of seconds. */
export type Seconds = number;

export const HOUR_SECONDS: Seconds = 3600;
export const DAY_SECONDS: Seconds = 24 * HOUR_SECONDS;

const unit: Readonly<Record<string, Seconds>> = { s: 1, m: 60, h: HOUR_SECONDS, d: DAY_SECONDS };

/**
 * Reads a duration as people write it: `30s`, `15m`, `8h25m`.
 *
 * @returns whole seconds, or `undefined` when the text is not a duration
 */
export function parseDuration(text: string): Seconds | undefined {
  if (!/^(?:\d+[smhd])+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, letter = ""] of text.matchAll(/(\d+)([smhd])/g)) total += Number(amount) * (unit[letter] ?? 0);
  return total;
}

/** `30300` is `8h25m`: what `parseDuration` reads back. Hours are the largest unit: `168h` is how Google puts it. */
export function formatDuration(seconds: Seconds): string {
  if (seconds === 0) return "0s";
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = seconds % 60;
  return `${hours > 0 ? `${hours}h` : ""}${minutes > 0 ? `${minutes}m` : ""}${rest > 0 ? `${rest}s` : ""}`;
}

/** The form that Google's APIs take: `30300s`. */
export function apiDuration(seconds: Seconds): string {
  return `${seconds}s`;
}
