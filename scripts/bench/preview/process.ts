/** The process that the bench of previews measures: `node scripts/bench/preview/process.ts KIND DIR STACK…`. */
import { launch } from "../../../preview/host/launcher.ts";
import { previewPrograms } from "../../../preview/program.ts";
import { readStack } from "../../../preview/stack/stack-files.ts";
import { bareMonitor } from "../../../test/support/bare-monitor.ts";
import { type Job, mustDeclare } from "./cases.ts";

async function run({ kind, projectDir, stacks }: Job): Promise<void> {
  if (kind === "preview") {
    (await previewPrograms(stacks.map((stack) => ({ projectDir, stack })))).forEach(mustDeclare);
    return;
  }
  const endings = await Promise.all(
    stacks.map(async (stack) => {
      const settings = await readStack(projectDir, stack);
      const never = new Promise<number>(() => {});
      const { services } = bareMonitor();
      return await launch({
        projectDir,
        settings,
        services,
        timeoutMs: 600_000,
        endEarly: never,
        stock: kind === "bare",
      });
    }),
  );
  const failed = endings.find(({ ending }) => ending.how !== "exited" || ending.code !== 0);
  if (failed !== undefined) throw new Error(`the bare program failed: ${JSON.stringify(failed)}`);
}

const [kind, projectDir = "", ...stacks] = process.argv.slice(2);
if (kind !== "preview" && kind !== "bare" && kind !== "light") throw new Error(`no kind of run: ${kind}`);
await run({ kind, projectDir, stacks });
