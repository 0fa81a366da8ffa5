import { expect, test } from "vitest";
import { event } from "../../domain/contract.ts";
import { jsonLog } from "../../runtime/json-log.ts";

function logged(...entry: Parameters<ReturnType<typeof jsonLog>>): string {
  let written = "";
  const log = jsonLog(
    (line) => {
      written += line;
    },
    { wall: () => Date.UTC(2026, 10, 27, 9) },
  );
  log(...entry);
  return written;
}

test("an entry is one line, whatever is in its message: Cloud Logging makes an entry of each line", () => {
  const line = logged("ERROR", event.settingsRefused, "2 problems\n  A\r\n  B", { problems: ["A\n", "B"] });
  expect(line).toMatch(/^[^\n\r]+\n$/);
  expect(JSON.parse(line)).toEqual({
    severity: "ERROR",
    event: "settings_refused",
    message: "2 problems\n  A\r\n  B",
    time: "2026-11-27T09:00:00.000Z",
    problems: ["A\n", "B"],
  });
});

test("no field passes for another event or severity: an alert would look at the wrong line", () => {
  const fields = { severity: "INFO", event: "worker_heartbeat", time: "yesterday", message: "well" };
  expect(JSON.parse(logged("ERROR", event.settingsRefused, "x", fields))).toEqual({
    severity: "ERROR",
    event: "settings_refused",
    message: "x",
    time: "2026-11-27T09:00:00.000Z",
  });
});
