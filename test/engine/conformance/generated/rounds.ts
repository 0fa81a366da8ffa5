/** Patient rounds by chance. */
import type { RoundsInput } from "../../../../domain/settings/rounds.ts";
import type { Dice } from "./dice.ts";
import { timeZones } from "./workers.ts";

export function rounds(dice: Dice): RoundsInput {
  const deadline = dice.whole(15, 1800);
  const backoff = dice.whole(1, 600);
  const hospitals = dice.several(hospitalKeys, 0, 3);
  return {
    ...dice.maybe(() => ({ project: "careflow-478811" })),
    ...dice.maybe(() => ({ region: dice.one(["europe-west4", "us-east1"]) })),
    ...dice.maybe(() => ({ name: dice.one(["careflow", "night-calls", "r"]) })),
    service: {
      name: "careflow-agent",
      url: dice.one(["https://careflow-agent-abc123-uc.a.run.app", "https://agent.example.com:8443/rounds/start"]),
      requestTimeout: `${deadline + dice.whole(0, 60)}s`,
      ...dice.maybe(() => ({ idempotent: dice.one([true, false]) })),
    },
    timeZone: dice.one(timeZones),
    daily: daily(dice),
    ...(hospitals.length === 0
      ? dice.maybe(() => ({ hospitals: {}, general: true }))
      : {
          hospitals: Object.fromEntries(hospitals.map((key) => [key, hospital(dice, key)])),
          general: dice.one([true, false]),
        }),
    attemptDeadline: `${deadline}s`,
    ...dice.maybe(() => ({
      retry: {
        count: dice.whole(0, 5),
        minBackoff: `${backoff}s`,
        maxBackoff: `${backoff + dice.whole(0, 600)}s`,
        maxDoublings: dice.whole(0, 16),
      },
    })),
    ...dice.maybe(() => ({ paused: dice.one([true, false]) })),
  };
}

const hospitalKeys = ["st-mary", "north", "constructor"] as const;

function hospital(dice: Dice, key: string) {
  return {
    id: `H.${key}_01`,
    name: dice.one(["St. Mary's", 'Klinik "Süd" <GmbH & Co>', "市立病院"]),
    ...dice.maybe(() => ({ timeZone: dice.one(timeZones) })),
  };
}

/** Each in an hour of its own. */
function daily(dice: Dice): RoundsInput["daily"] {
  const named = { early: 0, morning: 8, noon: 12, evening: 20, late: 23 } as const;
  const chosen = dice.several(Object.entries(named), 1, 4);
  return Object.fromEntries(
    chosen.map(([name, hour]) => {
      const at = `${String(hour).padStart(2, "0")}:${dice.one(["00", "15", "59"])}`;
      const days = dice.one(["mon-fri", "sat,sun", "tue", "fri-mon"]);
      return [name, dice.one<RoundsInput["daily"][string]>([at, { at }, { at, days }])];
    }),
  );
}
