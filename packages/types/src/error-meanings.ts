import type { ErrorCode } from "./errors.ts";

/** When a client sees an error, a sentence each: for the reference, and apart from the table so that no browser has to load it. */
export const ERROR_MEANINGS: Readonly<Record<ErrorCode, string>> = {
  bad_request: "The request does not have the shape it must have; `errors` names each field.",
  unauthenticated: "There is no token, or it is not one this server accepts.",
  token_expired: "The token was good and has run out: get a new one and try again.",
  permission_denied: "The token is good but does not allow this on this channel.",
  unknown_channel: "The channel's name is malformed or its type is not declared.",
  not_found: "There is nothing under that name or id.",
  method_not_found: "There is no such method, on this path or by this name.",
  already_subscribed: "This connection is already subscribed to the channel.",
  conflict: "The request contradicts what is already stored.",
  unrecoverable_position:
    "The position belongs to another log (its epoch differs): read from the start instead.",
  too_large: "The body, frame or message is larger, or nested deeper, than the limit it names.",
  unsupported_media_type:
    "The bytes are of a type that is not accepted, or not of the one they are said to be.",
  range_not_satisfiable: "The range begins behind the end.",
  function_aborted:
    "A function refused it; `detail`, or the reply's message, is the function's reason.",
  limit_exceeded:
    "A count that does not fall by itself is used up, such as subscriptions per connection.",
  rate_limited: "Too many requests for now; see `retryAfterMs`.",
  internal: "The server failed. Its log has the cause.",
  function_failed: "A function that had to see it failed or was late; nothing was stored.",
  unsupported: "The configured driver cannot do this; see its capabilities.",
  unavailable: "A part of the server is starting, stopping, locked or out of reach.",
  storage_full: "The disk is full: nothing was stored, reading still works.",
  storage_damaged: "The database is damaged: restore a backup with `anywire restore`.",
};
