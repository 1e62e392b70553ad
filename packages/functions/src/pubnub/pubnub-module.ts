import { advancedMath } from "./modules/advanced-math.ts";
import { codecAuth } from "./modules/codec-auth.ts";
import { codecBase64 } from "./modules/codec-base64.ts";
import { codecQueryString } from "./modules/codec-query-string.ts";
import { crypto } from "./modules/crypto.ts";
import { jsonpath } from "./modules/jsonpath.ts";
import { jwt } from "./modules/jwt.ts";
import { kvstore } from "./modules/kvstore.ts";
import { pubnub } from "./modules/pubnub.ts";
import { ugc } from "./modules/ugc.ts";
import { utils } from "./modules/utils.ts";
import { uuid } from "./modules/uuid.ts";
import { vault } from "./modules/vault.ts";
import { xhr } from "./modules/xhr.ts";
import type { PubNubModuleName } from "./pubnub-module-names.ts";

/** `console` and `promise` are everywhere; older handlers ask for them all the same. */
const MODULES: Readonly<Record<PubNubModuleName, object>> = {
  advanced_math: advancedMath,
  "codec/auth": codecAuth,
  "codec/base64": codecBase64,
  "codec/query_string": codecQueryString,
  get console() {
    return globalThis.console;
  },
  crypto,
  jsonpath,
  jwt,
  kvstore,
  promise: Promise,
  pubnub,
  ugc,
  utils,
  uuid,
  vault,
  xhr,
};

/** What `require` of a PubNub module gives; undefined for any other name. Its functions can be taken out of it. */
export function pubnubModule(name: string): object | undefined {
  return Object.hasOwn(MODULES, name) ? MODULES[name as PubNubModuleName] : undefined;
}

/**
 * The source of an ES module that is a PubNub module for whoever imports or requires it: as default, by the names of its
 * functions, and as what `require` gives. Undefined for a name that is none.
 */
export function pubnubModuleSource(name: string): string | undefined {
  const module = pubnubModule(name);
  if (module === undefined) return undefined;
  const names = Object.keys(module).filter((key) => /^[A-Za-z_]\w*$/.test(key));
  return [
    `import { pubnubModule } from "@anywire/functions/pubnub";`,
    `const module = pubnubModule(${JSON.stringify(name)});`,
    "export default module;",
    `export { module as "module.exports" };`,
    ...names.map((key, i) => `const _${i} = module.${key}; export { _${i} as ${key} };`),
  ].join("\n");
}
