/** The arrows between the rooms (README, "The house"): one direction, no circles. */
const rooms = {
  domain: ["domain"],
  components: ["components", "domain"],
  policies: ["policies", "domain"],
  runtime: ["runtime", "domain"],
  containers: ["containers", "domain"],
  preview: ["preview", "policies", "domain"],
};

const onlyOwnArrows = Object.entries(rooms).map(([room, allowed]) => ({
  name: `${room}-imports-only-${allowed.join("-and-")}`,
  severity: "error",
  from: { path: `^${room}/` },
  to: { pathNot: [`^(${allowed.join("|")})/`, "^node_modules/"], dependencyTypesNot: ["core"] },
}));

export default {
  forbidden: [
    ...onlyOwnArrows,
    { name: "no-circles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "domain-knows-no-pulumi",
      comment: "Decisions are pure: no Pulumi, no network, no files.",
      severity: "error",
      from: { path: "^domain/" },
      to: { path: ["@pulumi/", "@grpc/"] },
    },
    {
      name: "domain-does-no-io",
      severity: "error",
      from: { path: "^domain/" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "runtime-and-containers-never-import-pulumi",
      severity: "error",
      from: { path: "^(runtime|containers)/" },
      to: { path: "@pulumi/" },
    },
    {
      name: "nobody-imports-the-program",
      comment: "index.ts declares a stack when it is imported; what others need is in the rooms.",
      severity: "error",
      from: { path: "^(domain|components|policies|runtime|containers|preview)/" },
      to: { path: "^index\\.ts$" },
    },
    {
      name: "nobody-imports-the-pack",
      comment: "Making a policy pack serves it: what others need is in its rules.",
      severity: "error",
      from: { pathNot: "^policies/pack\\.mjs$" },
      to: { path: "^policies/(index\\.ts|pack\\.mjs)$" },
    },
    {
      name: "rules-know-no-pulumi",
      comment: "The same rules run in the preview and in tests; three files make Pulumi's policies of them.",
      severity: "error",
      from: { path: "^policies/", pathNot: "^policies/(index|pulumi|stack-told)\\.ts$" },
      to: { path: "@pulumi/" },
    },
    {
      name: "no-dev-dependencies-in-the-program",
      comment: "`pulumi up` runs with dependencies alone.",
      severity: "error",
      from: { path: "^(index\\.ts|domain/|components/|policies/)" },
      to: { dependencyTypes: ["npm-dev"] },
    },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "require", "node", "default"] },
  },
};
