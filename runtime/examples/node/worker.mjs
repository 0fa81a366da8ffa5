/**
 * An example of a campaign worker in Node: start it with `agent-runtime -- node worker.mjs`.
 *
 * A campaign here is a number of calls, one after another. A real worker would place each through LiveKit's SIP service
 * (https://docs.livekit.io/sip/), with the attempt's id as the name of the room. This one stands in for that with a
 * file: a call is a line in it, as a call to a phone cannot be taken back either.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { campaigns, stop } from "./agent-runtime.mjs";

const CALLS = Number(process.env.CALLS ?? 3);
const CALL_SECONDS = Number(process.env.CALL_SECONDS ?? 0);
const POLL_SECONDS = Number(process.env.POLL_SECONDS ?? 5);
const EFFECTS = process.env.EFFECTS_FILE ?? "effects.jsonl";

/**
 * Places a call, and stays in it until it ends. Here belongs `createSipParticipant`, into the room of this name.
 */
async function dial({ id, cursor, lost }, room) {
  const call = { campaign: id, cursor, attempt: room, pid: process.pid };
  appendFileSync(EFFECTS, `${JSON.stringify(call)}\n`);
  // Hangs up, by an exception, when the campaign is not ours any more.
  await pause(CALL_SECONDS * 1000, undefined, { signal: lost });
}

/**
 * What became of a call whose worker is gone. Here belongs `listRooms`, or a look into your records of calls.
 */
function lookUp(attemptId) {
  const lines = existsSync(EFFECTS) ? readFileSync(EFFECTS, "utf8").split("\n") : [];
  const placed = lines.filter(Boolean).some((line) => JSON.parse(line).attempt === attemptId);
  return placed ? "done" : "absent";
}

function work(campaign) {
  return campaign.run(lookUp, async () => {
    while (campaign.cursor < CALLS) {
      await dial(campaign, await campaign.begin("dial"));
      await campaign.step("done");
    }
  });
}

/** One that fails has been given back by then. The others finish their calls before this worker ends. */
function failed(problem) {
  console.error(problem);
  process.exitCode = 1;
  stop();
}

// The calls that run are finished, and no other is begun.
process.on("SIGTERM", stop);
try {
  // Nobody waits for one campaign before the next is asked for: AGENT_CAPACITY says how many there may be at once. The
  // process lives until the last of them is over.
  for await (const campaign of campaigns(POLL_SECONDS)) void work(campaign).catch(failed);
} catch (problem) {
  failed(problem);
}
