import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const found = (process.env.PATH ?? "")
  .split(delimiter)
  .flatMap((directory) => ["chromium", "chromium-browser", "google-chrome"].map((name) => join(directory, name)))
  .find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

export const chromiumMissing = found === undefined ? "no chromium: apt-get install chromium" : undefined;

/** With a profile of its own, which Playwright makes and removes, and without a word to anybody. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    ...(found !== undefined && { executablePath: found }),
    args: [
      "--no-sandbox", // as root, in .ci/run
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
