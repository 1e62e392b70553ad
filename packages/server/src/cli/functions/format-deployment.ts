import type { DeploymentAnswer } from "@anywire/types";
import type { Output } from "../terminal.ts";

/** What runs, a line for each thing that there is to say. */
export function formatDeployment(deployment: DeploymentAnswer, out: Output): string[] {
  const { source, active, canary, shadow, disabled } = deployment;
  const isDirectory = source === "directory";
  const from = isDirectory ? "from the directory" : "deployed";
  const none = isDirectory ? "none" : "none; `anywire functions deploy` has the files here run";
  const rows: (readonly [string, string])[] = [
    ["Active", active === null ? none : `${active} (${from})`],
  ];
  if (canary !== null) {
    rows.push(["Canary", `${canary.revision} on ${canary.percent} of 100 channels`]);
  }
  if (shadow !== null) rows.push(["Shadow", `${shadow}, its effects discarded`]);
  if (disabled.length > 0) rows.push(["Disabled", disabled.join(", ")]);
  return rows.map(([name, value]) => `${out.paint("dim", name.padEnd(9))}${value}`);
}
