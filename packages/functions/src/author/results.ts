/** It may go on: as it was, or changed. */
export interface OkResult {
  readonly type: "ok";
  /** Of a message event the message, of others the data, as it shall go on. Absent: as it was. */
  readonly changed?: unknown;
}

/** It ends here, and its sender is told why. */
export interface AbortResult {
  readonly type: "abort";
  readonly reason: string;
}

/** It goes to another channel of the platform. */
export interface RerouteResult {
  readonly type: "reroute";
  readonly channel: string;
  readonly changed?: unknown;
}

/** An answer to an HTTP request. */
export interface ResponseResult {
  readonly type: "response";
  /** 200 to 599. */
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** What a function says that runs before something. */
export type BeforeResult = OkResult | AbortResult | RerouteResult;

/** What can come of a run. */
export type FunctionResult = BeforeResult | ResponseResult;
