import { spawnSync } from "node:child_process";

/** The import rules cruise silently over nothing when a tool changes; fewer modules than this means that. */
const LEAST_MODULES = 40;

const { status, stdout, stderr } = spawnSync(
  "depcruise",
  ["packages", "--include-only", "^(packages/[^/]+/src|e2e|bench)"],
  { encoding: "utf8" },
);
console.log(stdout, stderr);
const cruised = Number(/(\d+) modules/.exec(stdout)?.[1] ?? 0);
if (status === 0 && cruised < LEAST_MODULES) {
  console.error(`only ${cruised} modules were cruised, at least ${LEAST_MODULES} were expected`);
  process.exit(1);
}
process.exit(status ?? 1);
