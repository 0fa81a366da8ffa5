/** Every setting, changed: what must be updated in place, and what replaced. */
import type { Scenario } from "../stage.ts";
import { alertRows } from "./alerts.ts";
import { hoursRows } from "./hours.ts";
import { roundRows } from "./rounds.ts";
import { type Row, scenario } from "./row.ts";
import { secretRows } from "./secrets.ts";
import { stackRows } from "./stack.ts";
import { workerRows } from "./workers.ts";

export const settingRows: readonly Row[] = [
  ...stackRows,
  ...workerRows,
  ...hoursRows,
  ...secretRows,
  ...roundRows,
  ...alertRows,
];

export const changesOfSettings: readonly Scenario[] = settingRows.map(scenario);
