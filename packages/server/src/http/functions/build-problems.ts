import type { BuildProblem, FunctionBuildError } from "@anywire/functions/runtime";
import { AnywireError } from "@anywire/types";

/**
 * Lets a value pass. Code that can't be loaded is what the request asked for, and no failure of the server.
 * @throws {AnywireError} `bad_request` with a field error for each problem, in place of a `FunctionBuildError`.
 */
export async function orBuildProblems<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isBuildError(error)) throw error;
    const errors = error.problems.map((problem) => ({
      path: placeOf(problem),
      message: problem.text,
    }));
    throw new AnywireError("bad_request", `functions can't be loaded.\n${error.message}`, {
      cause: error,
      details: { errors },
    });
  }
}

/** Such as `sms.ts:3:14`; the file alone when it is not about a place. */
export function placeOf({ file, line, column }: BuildProblem): string {
  return [file, line, column].filter((part) => part !== null).join(":");
}

/** By its name: the class comes with the runtime, which is loaded only where functions run. */
export function isBuildError(error: unknown): error is FunctionBuildError {
  return error instanceof Error && error.name === "FunctionBuildError" && "problems" in error;
}
