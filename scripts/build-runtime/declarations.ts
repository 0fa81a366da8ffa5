/** The types of the library, for a worker in TypeScript. */
import { join, relative } from "node:path";
import ts from "typescript";

/**
 * Declarations of a module and all that it imports, each under its own path.
 *
 * @returns their texts by path from the root
 * @throws with the compiler's own words
 */
export function declarationsOf(root: string, entry: string): ReadonlyMap<string, string> {
  const config = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  const written = new Map<string, string>();
  const program = ts.createProgram([join(root, entry)], {
    ...options,
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    rewriteRelativeImportExtensions: true,
    rootDir: root,
    outDir: root,
  });
  const { diagnostics } = program.emit(undefined, (path, text) => written.set(relative(root, path), text));
  const wrong = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
  if (wrong.length > 0) {
    throw new Error(wrong.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")).join("\n"));
  }
  return written;
}
