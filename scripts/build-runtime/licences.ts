/** The licences of everything in a bundle, as they have to go where it goes. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

const RULE = "=".repeat(100);

/**
 * @param packages directories from the root
 * @param legal comments that sources want kept
 * @throws where a package has no licence's text: it could not be shipped
 */
export function licencesOf(root: string, packages: readonly string[], legal: string): string {
  const own = sectionOf(root);
  const others = packages.map((directory) => sectionOf(resolve(root, directory))).sort();
  const comments = legal.trim() === "" ? [] : [`${RULE}\nComments of the sources\n${RULE}\n\n${legal.trim()}\n`];
  return [own, ...new Set(others), ...comments].join("\n");
}

function sectionOf(directory: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as Package;
  const files = readdirSync(directory)
    .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
    .sort();
  if (files.length === 0)
    throw new Error(`${name} ${version} (${license}) has no licence's text to go with the bundle`);
  const texts = files.map((file) => readFileSync(join(directory, file), "utf8").trim());
  return `${RULE}\n${name} ${version} (${license})\n${RULE}\n\n${texts.join("\n\n")}\n`;
}
