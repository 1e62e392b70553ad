import type { BuildProblem, FunctionBuildError } from "@anywire/functions/runtime";

/** Such as `sms.ts:3:14`; the file alone when it is not about a place. */
export function placeOf({ file, line, column }: BuildProblem): string {
  return [file, line, column].filter((part) => part !== null).join(":");
}

/** By its name: commands that never build anything need not load the class. */
export function isBuildError(error: unknown): error is FunctionBuildError {
  return error instanceof Error && error.name === "FunctionBuildError" && "problems" in error;
}
