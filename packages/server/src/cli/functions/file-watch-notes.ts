import type { BuildProblem } from "@anywire/functions/runtime";
import { escapeControls } from "../../escape-controls.ts";
import { placeOf } from "../../functions/build-error.ts";
import type { FunctionFilesListener } from "../../functions/functions-service.ts";
import type { Output } from "../terminal.ts";

/** Tells a terminal what is wrong with files of functions that were saved, and when it is mended. */
export function fileWatchNotes(err: Output): FunctionFilesListener {
  return {
    onProblems(problems) {
      for (const problem of problems) err.line(formatProblem(problem, err));
      err.line(err.paint("dim", "  The functions that ran before go on until this is mended."));
    },
    onFixed: () => err.line(`${err.paint("green", "✓")} The functions are good again.`),
  };
}

/** `✗ sms.ts:3:14  x is not defined`. */
function formatProblem(problem: BuildProblem, err: Output): string {
  const [first = "", ...rest] = problem.text.split("\n");
  const place = err.paint("cyan", escapeControls(placeOf(problem)));
  const head = `${err.paint("red", "✗")} ${place}  ${escapeControls(first)}`;
  return [head, ...rest.map((row) => `    ${escapeControls(row)}`)].join("\n");
}
