import { describeValue } from "../author/describe-value.ts";

/** What a handler said of what it was run for. */
export type Outcome = { readonly type: "ok" } | { readonly type: "abort"; readonly reason: string };

/** The two things that PubNub's handlers can say. */
export interface PubNubAnswers {
  /** It may go on. What is given is for PubNub's own log, and not looked at. */
  ok(note?: unknown): Promise<this>;
  /** It ends here; its sender gets the reason, if one is given. */
  abort(reason?: unknown): Promise<this>;
}

/** An object of PubNub's with `ok` and `abort`, and what was said last. */
export interface Answering<R extends object> {
  readonly request: R & PubNubAnswers;
  outcome(): Outcome | undefined;
}

/** Adds `ok` and `abort` to what a handler gets. Both give a promise of it, as PubNub's do. */
export function withAnswers<R extends object>(fields: R): Answering<R> {
  let said: Outcome | undefined;
  const request: R & PubNubAnswers = Object.assign(fields, {
    async ok() {
      said = { type: "ok" };
      return request;
    },
    async abort(reason?: unknown) {
      said = { type: "abort", reason: reasonText(reason) };
      return request;
    },
  });
  return { request, outcome: () => said };
}

function reasonText(reason: unknown): string {
  if (typeof reason === "string" && reason !== "") return reason;
  if (reason instanceof Error && reason.message !== "") return reason.message;
  if (reason === undefined || reason === null || reason === "") return "refused by a function";
  try {
    return JSON.stringify(reason) ?? describeValue(reason);
  } catch {
    return describeValue(reason);
  }
}
