/** Whether campaigns were taken only from owners that had gone, or of which nothing could be heard. Pure. */
import { event } from "../../domain/contract.ts";
import { isClaim, isTakeover } from "./check.ts";
import type { Life } from "./containers.ts";
import type { Write } from "./history.ts";
import type { Violation } from "./rules.ts";

/** A time in which nothing could be heard of a container: it was stopped, or cut off. In seconds of CLOCK_MONOTONIC. */
export interface Absence {
  /** The container's id. */
  readonly owner: string;
  readonly from: number;
  readonly to: number;
}

/** A container says that nothing of it is alive, and then has so many seconds to be gone: others may have heard it before us. */
const GONE_WITHIN = 2;

/**
 * @param observed for how many seconds a record must not have moved before it is taken from one that has not said that it is gone
 */
export function takenFromLiving(
  writes: readonly Write[],
  lives: readonly Life[],
  absences: readonly Absence[],
  observed: number,
): readonly Violation[] {
  const lifeOf = new Map(lives.map((life) => [life.owner, life]));
  return [...Map.groupBy(writes, ({ campaign }) => campaign)].flatMap(([campaign, own]) =>
    own.flatMap((write, at) => {
      // What is taken was never given up, and a container may find what it did not know to be its own.
      if (!isTakeover(write) || write.before.owner === write.after.owner) return [];
      const life = lifeOf.get(write.before.owner);
      if (life?.ended !== undefined && life.ended.at <= write.to + GONE_WITHIN) return [];
      const moved = own.slice(0, at).findLast(isMove);
      // At most: both are known only as exactly as the ticks around them.
      const still = write.to - (moved?.from ?? Number.NEGATIVE_INFINITY);
      const from = `epoch ${write.before.epoch} was taken from ${life?.seat ?? write.before.owner}`;
      if (still < observed)
        return [
          { rule: "taken" as const, of: campaign, what: `${from}, which had moved ${still.toFixed(3)} s before` },
        ];
      const absent = absences.some(
        (absence) =>
          absence.owner === write.before.owner && absence.from < write.to && absence.to > write.to - observed,
      );
      if (absent || !wasAtWork(life, write)) return [];
      return [{ rule: "taken" as const, of: campaign, what: `${from}, to which nothing had happened` }];
    }),
  );
}

/** What observers see of an owner. */
function isMove(write: Write): boolean {
  return isClaim(write) || write.before.hbSeq !== write.after.hbSeq;
}

/**
 * Whether a container knew that the campaign was its own, and had not said that it may not go on: the answer to a claim
 * may be lost for good, and an owner whose heartbeats are not accepted stops by itself.
 */
function wasAtWork(life: Life | undefined, { campaign, before: { epoch }, to }: Write): boolean {
  const said = (life?.lines ?? []).filter(
    (line) => line.campaign === campaign && line.epoch === epoch && line.at <= to,
  );
  const has = said.some((line) => line.event === event.campaignClaimed || line.event === event.orphanRecovered);
  return has && !said.some((line) => line.event === event.campaignFenced);
}
