/** No form of a comparison tells a secret, neither old nor new; that it has changed is told. */
import { beforeAll, describe, expect, test } from "vitest";
import { githubComment } from "../../../preview/report/github.ts";
import { htmlPage } from "../../../preview/report/html.ts";
import { jsonReport } from "../../../preview/report/json.ts";
import type { StackReport } from "../../../preview/report/model.ts";
import { textReport } from "../../../preview/report/text.ts";
import { comparedReport } from "../../support/compared.ts";

const channels = (key: string) => ({
  "alerts.channels": { oncall: { pagerduty: { serviceKey: { secure: `v1:${key}` } } } },
});

let report: StackReport;
beforeAll(async () => {
  report = await comparedReport(
    {
      ...channels("bmV3"),
      "workers.dental.env": { TOKEN: "swordfish2" },
      "workers.dental.secrets.KEY": { secret: "key", version: "1" },
    },
    { ...channels("b2xk"), "workers.dental.env": { KEY: "hunter2", TOKEN: "swordfish1" } },
  );
});

describe.each<[string, (given: StackReport) => string]>([
  ["text", (given) => textReport(given, { width: 160, colour: false })],
  ["JSON", (given) => jsonReport([{ report: given }])],
  ["the comment", githubComment],
  ["the page", (given) => htmlPage([{ stack: given.stack, report: given }])],
])("%s", (_, written) => {
  test("says that a secret has changed, and nothing else of it", () => {
    const text = written(report);
    expect(text).toMatch(/serviceKey[\s\S]{0,80}\[secret\]/);
    // The stand-ins of encrypted values are no secrets, but nobody's business either.
    expect(text).not.toMatch(/\[secure [0-9a-f]+\]|v1:b/);
  });

  test("does not repeat what a plain variable with the name of a credential is and was", () => {
    expect(written(report)).toContain("variable TOKEN changed");
    expect(written(report)).not.toMatch(/swordfish/);
  });

  test("does not tell what a plain variable was that is a secret now", () => {
    expect(written(report)).not.toContain("hunter2");
  });
});
