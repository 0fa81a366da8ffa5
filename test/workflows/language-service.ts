import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { resolve } from "node:path";
import { repository } from "../support/stack-previews.ts";

// It imports its schema without the attribute that Node asks for; it is made for bundlers.
registerHooks({
  load: (url, context, next) =>
    next(url, url.endsWith(".json") ? { ...context, importAttributes: { type: "json" } } : context),
});
const { validate } = await import("@actions/languageservice");
const { clearCache } = await import("@actions/languageservice/utils/workflow-cache");

/** What GitHub's own language service has to say about the text of a workflow: its schema, expressions, jobs, calls. */
export async function complaints(path: string, text: string): Promise<readonly string[]> {
  const document = { uri: `file:///${path}`, getText: () => text } as Parameters<typeof validate>[0];
  // It keeps what it read by the document's address, whatever the text.
  clearCache();
  const found = await validate(document, {
    // Workflows that this one calls.
    fileProvider: {
      getFileContent: async (reference) => {
        if (!("path" in reference)) throw new Error("a workflow of another repository");
        return { name: reference.path, content: readFileSync(resolve(repository, reference.path), "utf8") };
      },
    },
  });
  return found.map(({ range, message }) => `${path}:${range.start.line + 1} ${message}`);
}
