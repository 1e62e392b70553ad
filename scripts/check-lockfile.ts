import { readFileSync } from "node:fs";

/**
 * A lockfile made where a registry serves only some platforms lacks the others' optional binaries, and then
 * installing fails on macOS or Windows. Each optional dependency that is named must have its own entry.
 */
interface LockedPackage {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly resolved?: string;
}

const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
  readonly packages: Readonly<Record<string, LockedPackage>>;
};

/** Where Node would look for a package from a folder of the tree, nearest first. */
function candidates(folder: string, name: string): string[] {
  const paths: string[] = [];
  for (let at = folder; ; at = at.slice(0, Math.max(0, at.lastIndexOf("node_modules/") - 1))) {
    paths.push(at === "" ? `node_modules/${name}` : `${at}/node_modules/${name}`);
    if (at === "") return paths;
    if (!at.includes("node_modules/")) at = "";
  }
}

const problems: string[] = [];
for (const [folder, { optionalDependencies = {}, resolved }] of Object.entries(packages)) {
  if (resolved?.startsWith("http")) problems.push(`${folder}: has a download address; see .npmrc`);
  for (const name of Object.keys(optionalDependencies)) {
    const isLocked = candidates(folder, name).some((path) => path in packages);
    if (!isLocked) problems.push(`${folder}: optional dependency ${name} has no entry`);
  }
}
if (problems.length > 0) {
  console.error(`package-lock.json:\n${problems.join("\n")}`);
  process.exit(1);
}
