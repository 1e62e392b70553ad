import {
  type CloseSpec,
  DISCONNECTS,
  ERROR_MEANINGS,
  ERRORS,
  type ErrorCode,
  type ErrorSpec,
  UNSUBSCRIBES,
} from "@anywire/types";

/** One way in which a connection or a subscription is ended. */
export interface CloseRow extends CloseSpec {
  readonly name: string;
  /** Whether an SDK comes back by itself. */
  readonly comesBack: boolean;
}

/** One error, and when a client sees it. */
export interface ErrorRow extends ErrorSpec {
  readonly code: ErrorCode;
  readonly when: string;
}

/** Every error, in the order of the table. */
export const ERROR_ROWS: readonly ErrorRow[] = (Object.keys(ERRORS) as ErrorCode[]).map((code) => ({
  code,
  ...ERRORS[code],
  when: ERROR_MEANINGS[code],
}));

/** Every way in which the server ends a connection. */
export const DISCONNECT_ROWS: readonly CloseRow[] = Object.entries(DISCONNECTS).map(
  ([name, spec]) => ({ name, ...spec, comesBack: spec.code % 1000 < 500 }),
);

/** Every way in which the server ends a subscription. */
export const UNSUBSCRIBE_ROWS: readonly CloseRow[] = Object.entries(UNSUBSCRIBES).map(
  ([name, spec]) => ({ name, ...spec, comesBack: spec.code >= 2500 }),
);

/** What each table is about, for people. */
export const ERROR_TEXTS = {
  errors:
    "A request that fails is answered with one of these. Over HTTP the answer is a problem document whose `code` is the name; over the socket a reply has the number. “Retry” means that the same request may succeed later, unchanged.",
  disconnects:
    "When the server ends a connection, the WebSocket close code says why. The official SDKs come back by themselves after some, and never after the others.",
  unsubscribes:
    "When the server ends one subscription, the connection lives on. From 2500 on the SDKs subscribe again by themselves.",
} as const;
