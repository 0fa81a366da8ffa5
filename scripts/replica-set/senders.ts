/** Who sent the writes that the servers accepted, as their own logs tell: heartbeats carry no name. Pure. */

/**
 * A write that a server has matched, or may have: one that an election interrupted was perhaps made all the same. Not all
 * are in the history, since what no majority had is rolled back.
 */
export interface Accepted {
  readonly campaign: string;
  /** Of the machine that sent it. */
  readonly address: string;
}

/** A profile's filter: the updates of campaigns. */
export const updatesOf = (collection: string) => JSON.stringify({ ns: collection, op: "update" });

interface Line {
  readonly attr?: {
    readonly type?: string;
    readonly nMatched?: number;
    readonly remote?: string;
    readonly command?: { readonly q?: { readonly _id?: unknown } };
  };
}

export function acceptedIn(log: string): readonly Accepted[] {
  return log.split("\n").flatMap((line) => {
    if (!line.includes('"Slow query"')) return [];
    const { type, nMatched, remote, command } = lineOf(line).attr ?? {};
    if (type !== "update" || nMatched === 0 || remote === undefined) return [];
    return [{ campaign: String(command?.q?._id), address: remote.replace(/:\d+$/, "") }];
  });
}

function lineOf(text: string): Line {
  try {
    return JSON.parse(text) as Line;
  } catch {
    // The last one of a server that was killed.
    return {};
  }
}
