/** What resources are called in the table: what they are, and the keys of the settings that they follow from. */
import * as types from "../../support/cloud/names.ts";

type Form = readonly [declared: RegExp, shown: string];

/** Named by the hours, which end in a hash that nobody can read. */
const ofHours = /^alerts-(start-missed|worker-absent)-.+-[a-z0-9]{7}$/;

const forms: Readonly<Record<string, readonly Form[]>> = {
  [types.API]: [[/^apis-(.+)$/, "API $1"]],
  [types.REPOSITORY]: [[/^images-repository$/, "repository"]],
  [types.SECRET]: [[/^secrets-(.+)$/, "secret $1"]],
  [types.SECRET_VERSION]: [[/^secrets-(.+)$/, "version $1"]],
  [types.RANDOM_PASSWORD]: [[/^secrets-(.+)-payload$/, "payload $1"]],
  [types.SECRET_GRANT]: [[/^(.+)-reads\.(.+)$/, "right of $1 to read $2"]],
  [types.ACCOUNT]: [[/^(.+?)(-invoker)?-account$/, "account of $1"]],
  [types.JOB]: [[/^(.+)-job$/, "job $1"]],
  [types.JOB_GRANT]: [[/^starts-runs-(.+)$/, "right to start $1"]],
  [types.SERVICE_GRANT]: [[/^rounds-invoker-calls-(.+)$/, "right to call $1"]],
  [types.SCHEDULER_JOB]: [
    [/^rounds-(.+)$/, "round $1"],
    [/^(.+)-start\.(.+)$/, "start $1.$2"],
  ],
  [types.METRIC]: [[/^alerts-(.+)-metric$/, "metric $1"]],
  [types.POLICY]: [
    [ofHours, "policy $1 of the hours"],
    [/^alerts-(.+)$/, "policy $1"],
  ],
  [types.CHANNEL]: [[/^alerts-(.+)$/, "channel $1"]],
  [types.DASHBOARD]: [[/^dashboard-(.+)-dashboard$/, "dashboard $1"]],
};

/** `gcp:cloudscheduler/job:Job`, `rounds-noon`: `round noon`. */
export function shownName({ type, name }: { readonly type: string; readonly name: string }): string {
  const [declared, shown] = forms[type]?.find(([form]) => form.test(name)) ?? [];
  if (declared === undefined || shown === undefined) throw new Error(`names.ts has no words for ${type} ${name}`);
  return name.replace(declared, shown);
}
