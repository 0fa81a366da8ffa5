/** The page in a real browser: on a phone and a desk, in the dark and the light, by keyboard and by screen reader. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { htmlPage } from "../../../preview/report/html.ts";
import { chromiumMissing, launchChromium } from "../../support/chromium.ts";
import { comparedReport, everything, poisoned, withFindings } from "../../support/compared.ts";
import { hostile } from "../../support/hostile.ts";
import { repository } from "../../support/stack-previews.ts";
import { tier } from "../../support/tier.ts";

/** For people: git does not know it. */
const directory = resolve(repository, ".cache/preview-page");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const screens = [
  { name: "phone", width: 360, height: 780 },
  { name: "desk", width: 1280, height: 900 },
];
const looks = screens.flatMap((screen) =>
  (["dark", "light"] as const).map((scheme) => ({ ...screen, scheme, title: `${screen.name}, ${scheme}` })),
);

tier("chromium", chromiumMissing, () => {
  let browser: Browser;
  const addresses: Record<"real" | "hostile", string> = { real: "", hostile: "" };

  beforeAll(async () => {
    mkdirSync(directory, { recursive: true });
    const report = withFindings(await comparedReport(everything));
    const pages = {
      real: htmlPage([
        { stack: "prod", report },
        { stack: "staging", messages: ["Pulumi.staging.yaml cannot be deployed: 1 problem"] },
      ]),
      hostile: htmlPage(
        hostile
          .filter((text) => text.length < 1_000)
          .slice(0, 30)
          .map((text) => ({ stack: text, report: { ...poisoned(report, text), resources: [] } })),
      ),
    };
    for (const name of ["real", "hostile"] as const) {
      const path = resolve(directory, `${name}.html`);
      writeFileSync(path, pages[name]);
      addresses[name] = pathToFileURL(path).href;
    }
    browser = await launchChromium();
  }, 120_000);
  afterAll(() => browser.close());

  async function opened(which: keyof typeof addresses, look: (typeof looks)[number]): Promise<Page> {
    const { width, height, scheme } = look;
    const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme });
    await page.goto(addresses[which]);
    return page;
  }

  test.each(looks)("is readable without moving it sideways, and has a picture to look at ($title)", async (look) => {
    const page = await opened("real", look);
    const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
    expect(await page.evaluate(overflow)).toBe(0);
    // No column so narrow that a word stands on its head.
    const narrow = await page.$$eval("tbody th, tbody td, dd", (cells) =>
      cells
        .filter((cell) => cell.textContent !== "" && cell.clientWidth > 0 && cell.clientWidth < 30)
        .map((cell) => cell.outerHTML),
    );
    expect(narrow).toEqual([]);
    await page.screenshot({ path: resolve(directory, `${look.name}-${look.scheme}.png`), fullPage: true });
    await page.close();
  });

  test.each(looks)("axe finds nothing against it, folded and unfolded ($title)", async (look) => {
    const page = await opened("real", look);
    await page.$$eval("details:nth-of-type(-n+5)", (all) => {
      for (const details of all) details.setAttribute("open", "");
    });
    // Not as a script of the page, which its own policy refuses.
    await page.evaluate(axe);
    const found = (await page.evaluate("axe.run()")) as { violations: { id: string; nodes: { html: string }[] }[] };
    expect(found.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 200))])).toEqual([]);
    await page.close();
  });

  test("by keyboard every link and fold is reached in order, seen, and opens", async () => {
    const page = await opened("real", looks[0] as (typeof looks)[number]);
    const reached: string[] = [];
    const expected = await page.$$eval("a, summary", (all) => all.map((element) => element.outerHTML));
    for (let index = 0; index < expected.length; index += 1) {
      await page.keyboard.press("Tab");
      const focused = await page.evaluate(
        "({ html: document.activeElement.outerHTML, outline: getComputedStyle(document.activeElement).outlineStyle })",
      );
      const { html, outline } = focused as { html: string; outline: string };
      reached.push(html);
      expect(outline).toBe("solid");
    }
    expect(reached).toEqual(expected);
    await page.keyboard.press("Enter");
    expect(await page.$eval("details:last-of-type", (details) => details.hasAttribute("open"))).toBe(true);
    await page.close();
  });

  test.each(looks.filter(({ scheme }) => scheme === "light"))(
    "a screen reader is told the hours of each day, and nothing of the bars ($title)",
    async (look) => {
      const page = await opened("real", look);
      const row = page.getByRole("table", { name: /^Office hours of dental/ }).getByRole("row", { name: /Mon/ });
      expect(await row.ariaSnapshot()).toBe(
        '- row "Mon 08:30–17:00, calls until 17:15":\n  - rowheader "Mon"\n  - cell "08:30–17:00, calls until 17:15"',
      );
      await page.close();
    },
  );

  test("hostile names are shown, and nothing of them runs or is loaded", async () => {
    const page = await browser.newPage();
    const heard: string[] = [];
    page.on("request", (request) => heard.push(request.url()));
    page.on("dialog", (dialog) => {
      heard.push(dialog.message());
      void dialog.dismiss();
    });
    page.on("console", (message) => heard.push(message.text()));
    await page.goto(addresses.hostile);
    expect(heard).toEqual([addresses.hostile]);
    expect(await page.$$eval("script, img, h1 ~ h1, svg[onload], [onerror], [onmouseover]", (all) => all.length)).toBe(
      0,
    );
    expect(await page.title()).toContain("<script>alert(1)</script>");
    await page.close();
  });
});
