import { readFileSync } from "node:fs";

const BENCH = new URL("../../", import.meta.url);

/** The version of a package that was installed for the bench. */
export function installedVersion(name: string): string {
  return versionIn(new URL(`node_modules/${name}/package.json`, BENCH));
}

/** The version in a package.json. */
export function versionIn(file: URL): string {
  return JSON.parse(readFileSync(file, "utf8")).version;
}
