/** What repeated measurements come to. */

/** The middle one; of an even number the upper of the two. */
export const median = (values: readonly number[]): number => percentile(values, 50);

/** The value below which so many percent of the others are; 100 is the greatest. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = Math.min(sorted.length - 1, Math.floor((percent / 100) * sorted.length));
  return sorted[place] ?? Number.NaN;
}
