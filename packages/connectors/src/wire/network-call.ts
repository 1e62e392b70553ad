import { neverLeft } from "./never-left.ts";

/** A request to a network's API. */
export interface NetworkCall {
  readonly url: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | FormData;
  readonly signal: AbortSignal;
}

/** The network, or whatever stands before it, answered. */
export interface Answered {
  readonly kind: "answered";
  readonly status: number;
  readonly headers: Headers;
  /** At most 1 MiB of it. */
  readonly text: string;
}

/**
 * No answer. `never_left`: there was no connection on which the request could have gone. `unclear`: it may have been taken.
 * `reason` names neither the URL nor a header, since both may carry secrets.
 */
export interface NotAnswered {
  readonly kind: "never_left" | "unclear";
  readonly reason: string;
}

/** What became of a request. */
export type NetworkCallResult = Answered | NotAnswered;

const MAX_ANSWER_BYTES = 1024 * 1024;

/**
 * Makes one request, once: it follows no redirect and tries nothing again. Never rejects.
 */
export async function callNetwork(call: NetworkCall): Promise<NetworkCallResult> {
  if (call.signal.aborted) return { kind: "never_left", reason: "given up before it began" };
  try {
    const response = await fetch(call.url, {
      method: call.method,
      redirect: "manual",
      signal: call.signal,
      ...(call.headers === undefined ? {} : { headers: call.headers }),
      ...(call.body === undefined ? {} : { body: call.body }),
    });
    const { status, headers } = response;
    return { kind: "answered", status, headers, text: await textOf(response) };
  } catch (error) {
    if (call.signal.aborted) return { kind: "unclear", reason: "no answer in time" };
    const code = neverLeft(error);
    if (code !== undefined) return { kind: "never_left", reason: code };
    return { kind: "unclear", reason: "the connection broke off" };
  }
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new Error("the answer is too large");
  }
  return Buffer.concat(chunks).toString("utf8");
}
