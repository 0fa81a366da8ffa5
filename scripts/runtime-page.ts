/** The tables of docs/runtime.md: from the code that decides. */
import { event } from "../domain/contract.ts";
import { explained } from "../domain/runtime-events.ts";
import { type ShiftMove, shiftTable } from "../runtime/lease/shift-table.ts";
import { exitTable } from "../runtime/supervisor/exit.ts";
import { table, withWritten } from "./marked.ts";

export function withRuntime(page: string): string {
  const exits = table(["when", "code", "why"], exitTable());
  const shift = table(
    ["it finds", "it does"],
    shiftTable.map(({ sees, does }) => [sees, moves[does]]),
  );
  const events = table(
    ["event", "what it means", "at night"],
    Object.values(event).map((name) => [`\`${name}\``, explained[name].means, explained[name].tonight ?? ""]),
  );
  const withExits = withWritten(page, "table of exit codes", exits);
  return withWritten(withWritten(withExits, "table of the shift", shift), "table of events", events);
}

const moves: Readonly<Record<ShiftMove, string>> = {
  create: "takes the shift, and runs",
  claim: "takes the shift, and runs",
  "take over": "takes over at once, and runs",
  watch: "looks again in 2 s",
  "leave: duplicate": "leaves with 0, `duplicate_execution`",
  "leave: completed": "leaves with 0, `shift_closed`",
};
