import { columns, type Paper, paint } from "../../preview/report/layout.ts";
import type { Moment, Scene, SeenCampaign } from "./scene.ts";
import { callsEach, campaignIds, observe } from "./stage.ts";
import type { Check } from "./verdict.ts";

export const title =
  "A container dies in the middle of a call. Another one takes over, and no patient is called twice.";

/** How long a story of so many moments is on a screen; older ones give way. */
const MOMENTS = 12;
const BAR = 40;

/** The whole picture, as a screen shows it again and again. */
export function picture(scene: Scene, moments: readonly Moment[], told: string, paper: Paper): readonly string[] {
  return [
    paint(paper, "bold", title),
    paint(paper, "dim", `On ${told}.`),
    "",
    ...columns(
      [
        ["campaign", "owner", "epoch", "heartbeat", "calls"],
        ...scene.campaigns.map((campaign) => row(campaign, scene)),
      ],
      paper,
    ),
    "",
    ...watch(scene, paper),
    "",
    ...moments.slice(-MOMENTS).map((moment) => momentLine(moment, paper)),
  ];
}

function row(campaign: SeenCampaign, { killedAt }: Scene): readonly string[] {
  const { id, status, owner, epoch, heartbeatAge } = campaign;
  const dead = owner === "A" && killedAt !== undefined && status === "running";
  const whose = owner === undefined ? "-" : dead ? "A, dead" : owner;
  const age = status !== "running" || heartbeatAge === undefined ? "-" : `${heartbeatAge.toFixed(0)} s ago`;
  return [id, whose, `${epoch}`, age, `${progress(campaign)}  ${said(campaign, dead)}`];
}

/** A patient each: called, in a call, still to be called. */
function progress({ cursor, open }: SeenCampaign): string {
  const marks = Array.from({ length: callsEach }, (_, at) => (at < cursor ? "✓" : at === open?.cursor ? "☎" : "·"));
  return marks.join(" ");
}

function said({ cursor, open, status }: SeenCampaign, dead: boolean): string {
  if (status !== "running") return status;
  if (open === undefined) return `${cursor} of ${callsEach} called`;
  return dead
    ? `patient ${open.cursor + 1}: called or not? Nobody has said`
    : `in a call with patient ${open.cursor + 1}`;
}

function watch({ still, killedAt, campaigns, at }: Scene, paper: Paper): readonly string[] {
  if (killedAt === undefined)
    return ["Both live. Each heartbeat counts up a number in the record of the campaign.", ""];
  const orphan = campaigns.find(({ owner, status }) => owner === "A" && status === "running");
  if (orphan === undefined) return [paint(paper, "green", "B has taken over."), ""];
  const unmoved = still.find(({ id }) => id === orphan.id)?.unmovedSeconds ?? 0;
  const filled = Math.min(BAR, Math.round((unmoved / observe) * BAR));
  const bar = `${"█".repeat(filled)}${"░".repeat(BAR - filled)}`;
  return [
    `A was killed ${(at - killedAt).toFixed(0)} s ago, and could not tell anybody. B trusts no clock, only what it sees:`,
    `${paint(paper, "yellow", bar)} ${unmoved} of ${observe.toFixed(0)} s without a heartbeat`,
  ];
}

export function momentLine({ at, text, weighty }: Moment, paper: Paper): string {
  const line = `${at.toFixed(1).padStart(6)} s  ${text}`;
  return weighty ? paint(paper, "bold", line) : line;
}

export function summary(checks: readonly Check[], paper: Paper): readonly string[] {
  return checks.map(({ passed, text }) =>
    passed ? `${paint(paper, "green", "✓")} ${text}` : `${paint(paper, "red", "✗")} ${text}`,
  );
}

/** What is about to be seen, for somebody who sees it for the first time. */
export const prologue = [
  `Two campaigns (${campaignIds.join(", ")}) of ${callsEach} patients each, who must be called once and not twice.`,
  "Container A works on one, B on the other. Before each call its campaign's record says that it begins; after it, that it is done.",
];
