import { AnywireError } from "@anywire/types";
import { isBuildError, placeOf } from "../../functions/build-error.ts";

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
