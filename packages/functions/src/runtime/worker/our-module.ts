/** URL of a module of this package, from the module that asks and without its ending: in development the sources themselves run. */
export function ourModule(path: string, from: string): URL {
  return new URL(`${path}.${from.endsWith(".ts") ? "ts" : "js"}`, from);
}
