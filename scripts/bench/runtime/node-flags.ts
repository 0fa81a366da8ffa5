import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const launcher = resolve(import.meta.dirname, "../../../runtime/image/launcher.c");

/** The flags of Node with which the image's launcher starts the runtime. @throws Error where they are not found */
export function imageFlags(source = readFileSync(launcher, "utf8")): readonly string[] {
  const [, between] = /HOME "\/node",([^;]*?)HOME "\/agent-runtime\.cjs"/s.exec(source) ?? [];
  if (between === undefined) throw new Error("launcher.c does not start Node as the bench reads it");
  return [...between.matchAll(/"(--[^"]+)"/g)].map(([, flag = ""]) => flag);
}
