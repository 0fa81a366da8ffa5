/** Every setting, changed: what must be updated in place, and what replaced. */
import { alertRows } from "./alerts.ts";
import { hoursRows } from "./hours.ts";
import { roundRows } from "./rounds.ts";
import type { Row } from "./row.ts";
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
