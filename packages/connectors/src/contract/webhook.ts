/** A request that a network made, exactly as it came. */
export interface WebhookRequest {
  /** Upper case, such as `POST`. */
  readonly method: string;
  /** The URL that the network called, as the public sees it: what signatures are made over. */
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What a network wants to hear. */
export interface WebhookAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Whether a request is from the network, and if not, why: words for the operator, which never reach the caller. */
export type Verdict =
  | { readonly isGenuine: true }
  | { readonly isGenuine: false; readonly reason: string };
