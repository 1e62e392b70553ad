/** What ends, replaces or stops the whole server, or this thread. */
const ENDING = ["exit", "reallyExit", "abort", "kill", "_kill", "execve"] as const;

/** A function tried to end the process. */
export class ProcessExit extends Error {
  override readonly name = "ProcessExit";
}

/** Has what would end the process throw, and tells `onExit` of it first: the error may be caught. */
export function guardProcess(onExit: (error: ProcessExit) => void): void {
  for (const method of ENDING) {
    Object.defineProperty(process, method, {
      value: () => {
        const message = `process.${method} is not there for functions, which share the process: return, or throw an error`;
        const error = new ProcessExit(message);
        onExit(error);
        throw error;
      },
    });
  }
}
