import { registerHooks } from "node:module";
import { PUBNUB_MODULES } from "../../pubnub/pubnub-module-names.ts";
import type { FunctionCode } from "../bundle/revision.ts";
import type { AuthorFiles } from "./author-files.ts";
import { REQUIRE_MODULE } from "./module-names.ts";
import { ourModule } from "./our-module.ts";

/** What functions import of this package, wherever it is. */
const PACKAGE_MODULES: ReadonlyMap<string, URL> = new Map([
  ["@anywire/functions", ourModule("../../index", import.meta.url)],
  ["@anywire/functions/pubnub", ourModule("../../pubnub/index", import.meta.url)],
]);

/** What of the PubNub modules the hooks need. */
export interface PubNubSources {
  pubnubModuleSource(name: string): string | undefined;
}

const PUBNUB_MODULE = "anywire:pubnub/";

/**
 * Lets modules be loaded from the code of a revision, and answers what they import beside Node's own modules.
 * @param pubnub for revisions with handlers that were written for PubNub
 */
export function registerModuleHooks(
  functions: readonly FunctionCode[],
  files: AuthorFiles,
  pubnub: PubNubSources | undefined,
): void {
  const codes = new Map(functions.map((each) => [files.urlOf(each.name), each]));
  registerHooks({
    resolve(specifier, context, next) {
      const { parentURL = "" } = context;
      const parent = codes.get(parentURL);
      if (parent === undefined && !parentURL.startsWith("anywire:")) {
        return codes.has(specifier) ? moduleAt(specifier) : next(specifier, context);
      }
      if (specifier === REQUIRE_MODULE) return moduleAt(`${REQUIRE_MODULE}?${parentURL}`);
      if (parent?.pubnub !== undefined && isPubNubModule(specifier)) {
        return moduleAt(PUBNUB_MODULE + specifier);
      }
      const ours = PACKAGE_MODULES.get(specifier);
      return ours === undefined ? next(specifier, context) : { url: ours.href, shortCircuit: true };
    },
    load(url, context, next) {
      const own = codes.get(url);
      if (own !== undefined) return moduleOf(own.code);
      if (url.startsWith(PUBNUB_MODULE)) {
        return moduleOf(pubnub?.pubnubModuleSource(url.slice(PUBNUB_MODULE.length)) ?? "");
      }
      if (!url.startsWith(`${REQUIRE_MODULE}?`)) return next(url, context);
      const asking = url.slice(REQUIRE_MODULE.length + 1);
      return moduleOf(requireModule(asking, codes.get(asking)?.pubnub !== undefined));
    },
  });
}

function isPubNubModule(specifier: string): boolean {
  return PUBNUB_MODULES.some((name) => name === specifier);
}

/** A `require` that finds what a module at that URL would find; in a handler written for PubNub, its modules first. */
function requireModule(url: string, isPubNub: boolean): string {
  const lines = [
    `import { createRequire } from "node:module";`,
    `const require = createRequire(${JSON.stringify(url)});`,
  ];
  if (!isPubNub) return [...lines, "export default require;"].join("\n");
  return [
    ...lines,
    `import { pubnubModule } from "@anywire/functions/pubnub";`,
    "export default Object.assign((name) => pubnubModule(name) ?? require(name), require);",
  ].join("\n");
}

function moduleAt(url: string) {
  return { url, format: "module", shortCircuit: true };
}

function moduleOf(source: string) {
  return { source, format: "module", shortCircuit: true };
}
