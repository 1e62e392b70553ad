import { transform } from "esbuild";
import { pubnubModule } from "./pubnub-module.ts";

/** The default export of a file that was written for PubNub, whose modules come from here. It takes what its trigger gives. */
export async function loadHandler(source: string): Promise<() => unknown> {
  const { code } = await transform(source, { format: "cjs", target: "node24" });
  const module: { exports: { default?: unknown } } = { exports: {} };
  new Function("module", "exports", "require", code)(module, module.exports, requireModule);
  return module.exports.default as () => unknown;
}

function requireModule(name: string): object {
  const module = pubnubModule(name);
  if (module === undefined) throw new Error(`Cannot find module '${name}'`);
  return module;
}
