import { afterAll, beforeAll } from "vitest";
import { lists } from "./conformance/lists.ts";
import { takesNullForNothing } from "./conformance/nulls.ts";
import { keepsRecords } from "./conformance/records.ts";
import { Handling, type Subject } from "./conformance/subject.ts";
import { writesConditionally } from "./conformance/writes.ts";

/** What every store must do, whatever it is made of. */
export function conformance(open: () => Promise<Subject>): void {
  let subject: Subject;
  beforeAll(async () => {
    subject = await open();
  });
  afterAll(() => subject.close());

  const on = new Handling(() => subject);
  keepsRecords(on);
  writesConditionally(on);
  takesNullForNothing(on);
  lists(on);
}
