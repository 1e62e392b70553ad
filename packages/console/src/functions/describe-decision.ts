import type { FunctionRun } from "@anywire/types";

/** What a function decided, or that it failed, in words. */
export interface Decision {
  readonly tone: "good" | "waiting" | "bad";
  readonly title: string;
  /** More, in words. */
  readonly text?: string;
  /** More, as JSON, a body or a stack. */
  readonly code?: string;
}

/** Puts what came of a run into words. */
export function describeDecision({
  result,
  error,
}: Pick<FunctionRun, "result" | "error">): Decision {
  if (error !== undefined) {
    const { message, stack } = error;
    return {
      tone: "bad",
      title: FAILURES[error.failure] ?? "Failed",
      text: message,
      ...(stack !== undefined && { code: stack }),
    };
  }
  switch (result?.type) {
    case "abort":
      return { tone: "waiting", title: "Aborted", text: String(result["reason"]) };
    case "reroute":
      return {
        tone: "good",
        title: "Rerouted",
        text: `To ${result["channel"]}`,
        ...changedCode(result["changed"]),
      };
    case "response":
      return responseDecision(result);
    default:
      return result?.["changed"] === undefined
        ? { tone: "good", title: "OK" }
        : { tone: "good", title: "OK, changed", ...changedCode(result["changed"]) };
  }
}

/** By what the server calls them; of others it is only said that it failed. */
const FAILURES: Readonly<Record<string, string>> = {
  threw: "Threw an error",
  late: "Too late",
  bad_result: "Gave back what is no result",
  out_of_memory: "Out of memory",
  exited: "Tried to end the process",
  crashed: "Its worker died",
  queue_full: "Too many runs wait",
  stopped: "The server is stopping",
};

/** Answers from here on tell of something wrong. */
const FIRST_BAD_STATUS = 400;

function responseDecision(result: NonNullable<FunctionRun["result"]>): Decision {
  const { status, headers, body } = result;
  const head = Array.isArray(headers) ? headers.map(([name, value]) => `${name}: ${value}`) : [];
  const isBad = typeof status === "number" && status >= FIRST_BAD_STATUS;
  return {
    tone: isBad ? "waiting" : "good",
    title: `Answered ${status}`,
    code: [...head, "", body].join("\n").trim(),
  };
}

function changedCode(changed: unknown): { readonly code?: string } {
  return changed === undefined ? {} : { code: JSON.stringify(changed, null, 2) };
}
