import { encodeCalendar } from "../contract.ts";
import { formatWindow } from "../hours.ts";
import { shorten } from "../names.ts";
import type { WorkerPlan } from "../worker.ts";
import { NAMED_IN_ONE_QUERY } from "./promql.ts";

type Several<T> = readonly [T, ...T[]];

/** Workers that keep the same hours, few enough for one query. */
export interface SameHours {
  /** Part of the policies' keys: follows from the calendar alone, so that one worker more renames nothing. */
  readonly key: string;
  /** `Asia/Karachi mon-fri 09:00-17:00, sat 10:00-14:00`. */
  readonly words: string;
  readonly workers: Several<WorkerPlan>;
}

/** The workers by their calendar, whatever they call its windows. */
export function byCalendar(workers: readonly WorkerPlan[]): readonly SameHours[] {
  return groups(workers, hoursOf).flatMap(({ by: { words, encoded }, members }) =>
    parts(members).map((part, index) => {
      const nth = index === 0 ? "" : ` ${index + 1}`;
      return { key: `${shorten(slug(`${words} ${encoded}`), 48)}${slug(nth)}`, words: `${words}${nth}`, workers: part };
    }),
  );
}

function hoursOf({ calendar }: WorkerPlan) {
  const windows = calendar.windows
    .map((window) => ({ ...window, name: "" }))
    .sort((a, b) => (a.days[0] ?? 0) - (b.days[0] ?? 0) || a.open - b.open);
  return {
    words: `${calendar.timeZone} ${windows.map(formatWindow).join(", ")}`,
    encoded: encodeCalendar({ ...calendar, windows }),
  };
}

/** Members in the order they came, together where they say the same. */
export function groups<T, K>(all: readonly T[], by: (member: T) => K): readonly { by: K; members: Several<T> }[] {
  const found = new Map<string, { by: K; members: [T, ...T[]] }>();
  for (const member of all) {
    const key = by(member);
    const text = JSON.stringify(key);
    const group = found.get(text);
    if (group === undefined) found.set(text, { by: key, members: [member] });
    else group.members.push(member);
  }
  return [...found.values()];
}

/** As few parts as one query can name. */
export function parts<T>([first, ...rest]: Several<T>): readonly Several<T>[] {
  const part: Several<T> = [first, ...rest.slice(0, NAMED_IN_ONE_QUERY - 1)];
  const [next, ...others] = rest.slice(NAMED_IN_ONE_QUERY - 1);
  return next === undefined ? [part] : [part, ...parts([next, ...others])];
}

/** `America/New_York mon-fri 09:00` is `america-new-york-mon-fri-0900`. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(":", "")
    .replaceAll(/[^a-z0-9]+/g, "-");
}
