/** Who may import whom. A package not listed here may be imported by nobody. */
const ALLOWED = {
  types: [],
  core: ["types"],
  engines: ["core", "types"],
  testkit: ["connectors", "core", "types"],
  client: ["types"],
  console: ["client", "types"],
  connectors: ["core", "types"],
  functions: ["core", "types"],
  server: ["connectors", "core", "engines", "functions", "testkit", "types"],
};

const layers = Object.entries(ALLOWED).map(([name, allowed]) => ({
  name: `layer-${name}`,
  severity: "error",
  from: { path: `^packages/${name}/src`, pathNot: "\\.(test|fixture)\\.tsx?$" },
  to: { path: "^packages/", pathNot: [name, ...allowed].map((p) => `^packages/${p}/`) },
}));

module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } } },
    ...layers,
    {
      name: "one-driver-one-folder",
      comment: "A driver may not import another driver, save the shared folder.",
      severity: "error",
      from: { path: "^packages/engines/src/([^/]+)/", pathNot: "\\.(test|fixture)\\.ts$" },
      to: { path: "^packages/engines/src/", pathNot: "^packages/engines/src/($1|shared)/" },
    },
    {
      name: "nothing-imports-e2e-or-bench",
      severity: "error",
      from: { pathNot: "^(e2e|bench)/" },
      to: { path: "^(e2e|bench)/" },
    },
    {
      name: "core-knows-no-machine",
      comment: "Core has no sockets, files or environment.",
      severity: "error",
      from: { path: "^packages/(types|core)/src", pathNot: "\\.(test|fixture)\\.ts$" },
      to: { dependencyTypes: ["core"] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["@anywire/source", "import", "types"],
    },
  },
};
