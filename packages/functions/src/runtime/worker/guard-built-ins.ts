import { AsyncLocalStorage } from "node:async_hooks";

/** What nobody changes on purpose once everything is loaded, and all that runs in a thread stands on. */
const FROZEN: readonly object[] = [
  ...[JSON, Math, Reflect, Object],
  ...[Array, Boolean, Date, Map, Number, Promise, RegExp, Set, String, Symbol].flatMap(
    withPrototype,
  ),
  ...[BigInt, WeakMap, WeakRef, WeakSet, ArrayBuffer, DataView, Uint8Array].flatMap(withPrototype),
  ...[new Map(), new Set(), [], ""].map((one) => Object.getPrototypeOf(one[Symbol.iterator]())),
  AsyncLocalStorage.prototype,
  Object.getPrototypeOf(Uint8Array),
  Object.getPrototypeOf(Uint8Array.prototype),
];

/**
 * What objects have by nature: nothing can be added. What there is can be changed, since an object could otherwise not be
 * given a property of its own of the same name, such as an error its name.
 */
const CLOSED: readonly object[] = [Object.prototype, Function.prototype, Error.prototype];

/** Names by which everything finds what it stands on. Not all there are: many are loaded only when they are first asked for. */
const GLOBALS: readonly string[] = [
  ...["JSON", "Math", "Reflect", "Object", "Array", "Boolean", "Date", "Map", "Number", "Promise"],
  ...["RegExp", "Set", "String", "Symbol", "BigInt", "WeakMap", "WeakRef", "WeakSet", "Function"],
  ...["ArrayBuffer", "DataView", "Uint8Array", "Error", "TypeError", "RangeError", "Proxy"],
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "structuredClone", "Buffer"],
  ...["clearTimeout", "clearInterval", "clearImmediate", "performance", "process", "console"],
  ...["AbortController", "AbortSignal", "URL", "TextDecoder", "TextEncoder", "fetch"],
];

/**
 * Has runs fail that change what is built in: they share it with those of all other functions of the thread. Called once all is
 * loaded, since packages may add what they need while they are.
 */
export function guardBuiltIns(): void {
  for (const one of FROZEN) Object.freeze(one);
  for (const one of CLOSED) Object.preventExtensions(one);
  for (const name of GLOBALS) {
    const value: unknown = Reflect.get(globalThis, name);
    Object.defineProperty(globalThis, name, { value, writable: false, configurable: false });
  }
  Object.defineProperty(performance, "now", { value: performance.now.bind(performance) });
}

function withPrototype(one: { readonly prototype: object }): object[] {
  return [one, one.prototype];
}
