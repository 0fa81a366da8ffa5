import { quoted } from "./findings.ts";

/** The parts of an image's reference. */
export interface Image {
  readonly host: string;
  readonly path: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/**
 * A reference with a registry's host, after the grammar of the distribution project
 * (https://github.com/distribution/reference, November 2026): host/path[:tag][@sha256:…].
 */
const reference =
  /^(?<host>[a-z0-9]+(?:[.-][a-z0-9]+)*\.[a-z]+(?::\d+)?)\/(?<path>[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)(?::(?<tag>\w[\w.-]{0,127}))?(?:@(?<digest>sha256:[a-f0-9]{64}))?$/;

/** Reads a reference, or `undefined`. */
export function parseImage(text: string): Image | undefined {
  const groups = reference.exec(text)?.groups;
  if (groups?.host === undefined || groups.path === undefined) return undefined;
  return { host: groups.host, path: groups.path, tag: groups.tag, digest: groups.digest };
}

/** Whether the reference can only ever mean one image: a tag can be moved to another. */
export function isPinned({ digest }: Image): boolean {
  return digest !== undefined;
}

/** The project whose Artifact Registry holds the image; undefined for any other registry. */
export function registryProject({ host, path }: Image): string | undefined {
  return host.endsWith("-docker.pkg.dev") ? path.split("/")[0] : undefined;
}

/** Text before an `@` that no digest follows is somebody's password for a registry. */
const credentials = /:\/\/|@(?!sha256:)/;

/** What is wrong with a worker's image, or `undefined`. */
export function imageProblem(text: string): { problem: string; remedy: string } | undefined {
  const example = "LOCATION-docker.pkg.dev/PROJECT/REPOSITORY/IMAGE@sha256:…";
  const image = parseImage(text);
  if (image === undefined) {
    const shown = credentials.test(text) ? "the text" : quoted(text);
    return { problem: `${shown} is not an image's reference.`, remedy: `Write ${example}, in lower case.` };
  }
  if (/(^|\.)gcr\.io$/.test(image.host)) {
    return {
      problem: `${image.host} is Container Registry, which Google shut down on 18 March 2025.`,
      remedy: `Push to Artifact Registry: ${example}.`,
    };
  }
  if (image.host.endsWith("-docker.pkg.dev") && image.path.split("/").length < 3) {
    return { problem: `${text} lacks a part of an Artifact Registry path.`, remedy: `Write ${example}.` };
  }
  if (image.tag === undefined && image.digest === undefined) {
    return {
      problem: `${text} has neither digest nor tag, which means whatever is \`latest\` when a shift starts.`,
      remedy: "Pin it with @sha256:…, or state the tag.",
    };
  }
  return undefined;
}
