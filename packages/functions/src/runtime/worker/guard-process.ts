/** What ends, replaces or stops the whole server, or this thread. */
const ENDING = ["exit", "reallyExit", "abort", "kill", "_kill", "execve"] as const;

/** A function tried to end the process. */
export class ProcessExit extends Error {
  override readonly name = "ProcessExit";
}

/** Has what would end the process throw, and tells `onExit` of it first: the error may be caught. */
export function guardProcess(onExit: (error: ProcessExit) => void): void {
  const own = process as unknown as Record<string, unknown>;
  for (const method of ENDING) {
    const original = own[method];
    const guarded = (...args: never[]): unknown => {
      // Node.js itself, when a worker cannot go on.
      if (own["_exiting"] && typeof original === "function") {
        return Reflect.apply(original, process, args);
      }
      const message = `process.${method} is not there for functions, which share the process: return, or throw an error`;
      const error = new ProcessExit(message);
      onExit(error);
      throw error;
    };
    Object.defineProperty(process, method, { value: guarded });
  }
}
