import type { DeliveryErrorClass } from "@anywire/types";
import type { Rejected, Unknown } from "../contract/send.ts";

/** Words of Slack by what is to be done about them. @see https://docs.slack.dev/reference/methods/chat.postMessage#errors */
const CLASSES: Readonly<Partial<Record<DeliveryErrorClass, readonly string[]>>> = {
  auth: [
    "account_inactive",
    "access_denied",
    "ekm_access_denied",
    "invalid_auth",
    "missing_scope",
    "no_permission",
    "not_allowed_token_type",
    "not_authed",
    "org_login_required",
    "token_expired",
    "token_revoked",
    "two_factor_setup_required",
  ],
  invalid_recipient: [
    "cannot_dm_bot",
    "channel_not_found",
    "invalid_users",
    "user_not_found",
    "user_not_visible",
    "users_not_found",
  ],
  unreachable: [
    "is_archived",
    "messages_tab_disabled",
    "not_in_channel",
    "restricted_action",
    "restricted_action_read_only_channel",
    "slack_connect_canvas_sharing_blocked",
    "user_disabled",
  ],
  too_large: ["file_too_large", "msg_blocks_too_long", "msg_too_long"],
  content_rejected: [
    "file_uploads_disabled",
    "invalid_arguments",
    "invalid_blocks",
    "no_text",
    "posting_to_general_channel_denied",
    "upload_filesize_zero",
  ],
  unsupported: [
    "cant_delete_message",
    "cant_update_message",
    "edit_window_closed",
    "invalid_name",
    "message_not_found",
    "not_reactable",
    "too_many_emoji",
    "too_many_reactions",
    "update_failed",
  ],
  quota_exhausted: ["message_limit_exceeded", "storage_limit_reached"],
  rate_limited: ["rate_limited", "ratelimited"],
  network: [
    "request_timeout",
    "service_unavailable",
    "team_access_not_granted",
    "team_added_to_org",
  ],
};

const ADVICE: Readonly<Record<string, string>> = {
  auth: "install the app to the workspace again, with the scopes that it needs, and rotate botToken",
  invalid_recipient: "there is no such person or channel for this app",
  unreachable: "the app can't write there; invite it, or have its Messages tab switched on",
  too_large: "make the text or the file smaller",
  content_rejected: "change what the message says or brings",
  unsupported: "Slack can't do this with this message",
  quota_exhausted: "the workspace has reached a limit of its plan",
  rate_limited: "it is tried again",
  network: "it is tried again",
};

/** Slack says of these that something may have been done before it failed. */
const UNSURE: ReadonlySet<string> = new Set(["fatal_error", "internal_error"]);

const BY_WORD = new Map(
  Object.entries(CLASSES).flatMap(([name, words]) =>
    words.map((word) => [word, name as DeliveryErrorClass] as const),
  ),
);

/** What Slack's word for a failure means. */
export function rejectedBySlack(word: string): Rejected | Unknown {
  if (UNSURE.has(word)) {
    return { outcome: "unknown", reason: `Slack failed at it, and may have sent it: ${word}` };
  }
  const known = BY_WORD.get(word) ?? "content_rejected";
  return {
    outcome: "rejected",
    class: known,
    code: word,
    reason: `Slack refused it (${word}); ${ADVICE[known] ?? "see its documentation"}`,
    ...(known === "rate_limited" && { retryAfterMs: 30_000 }),
  };
}
