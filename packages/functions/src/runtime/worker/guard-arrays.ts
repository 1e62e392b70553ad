/**
 * Arrays of more elements are kept as tables by V8, and what fills one in one go cannot be ended: its memory grows until V8 ends
 * the whole process.
 */
const MAX_ELEMENTS = 32 * 1024 * 1024;

/** Has what fills an array in one go throw when it is that large. */
export function guardArrays(): void {
  const { fill } = Array.prototype;
  const { from } = Array;
  define(Array.prototype, "fill", function (this: ArrayLike<unknown>, ...args: never[]) {
    check(this.length);
    return Reflect.apply(fill, this, args);
  });
  define(Array, "from", function (this: unknown, ...args: [ArrayLike<unknown>]) {
    check(args[0]?.length);
    return Reflect.apply(from, this, args);
  });
}

function check(length: unknown): void {
  if (Number(length) > MAX_ELEMENTS) {
    throw new RangeError(`an array of a function may have ${MAX_ELEMENTS} elements`);
  }
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, configurable: true });
}
