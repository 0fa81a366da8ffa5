import { notYetKnown, type StackRule } from "../rule.ts";
import { SECRET_VERSION } from "../types.ts";
import { secretId } from "../workloads.ts";

/** The one in use, and the one before it for shifts that still run. */
const ENOUGH = 2;

export const secretVersionsKept: StackRule = {
  name: "secret-versions-kept",
  title: "Of a generated secret only the version in use and the one before it are kept",
  level: "advisory",
  why: "Every version that is kept can still be used by whoever once learned it, and costs money.",
  remedy: "Take the oldest labels out of generate.rotations; their versions are destroyed.",
  from: [23],
  checkStack: (resources) => {
    const versions = resources.filter(({ type, inputs }) => type === SECRET_VERSION && inputs.enabled !== false);
    const unknown = versions.filter(({ inputs }) => typeof inputs.secret !== "string");
    const bySecret = Map.groupBy(
      versions.filter((version) => !unknown.includes(version)),
      ({ inputs }) => secretId(String(inputs.secret)),
    );
    return [
      ...unknown.map((resource) => ({ ...notYetKnown("secret"), resource })),
      ...[...bySecret].flatMap(([secret, kept]) => {
        const [resource] = kept;
        if (resource === undefined || kept.length <= ENOUGH) return [];
        return [{ problem: `${secret} keeps ${kept.length} versions, of which one is used.`, resource }];
      }),
    ];
  },
};
