import type { ConnectionHealth } from "@anywire/types";
import type { ConnectionContext } from "../contract/context.ts";
import { createTwilioCall } from "./twilio-call.ts";
import type { TwilioSettings } from "./twilio-settings.ts";

type Health = Pick<ConnectionHealth, "state" | "reason" | "humanAction">;

/** What to do about an account's status. */
const BY_STATUS: Readonly<Record<string, Health>> = {
  active: { state: "ok", reason: null, humanAction: "none" },
  suspended: {
    state: "down",
    reason: "the Twilio account is suspended; see the Twilio Console",
    humanAction: "pay",
  },
  closed: { state: "down", reason: "the Twilio account is closed", humanAction: "verify" },
};

/** Asks Twilio for the account. */
export async function twilioHealth(
  context: ConnectionContext<TwilioSettings>,
  signal: AbortSignal,
): Promise<Health> {
  const call = await createTwilioCall(context, signal);
  try {
    const { status } = await call.client.api.v2010.accounts(context.settings.accountSid).fetch();
    if (Object.hasOwn(BY_STATUS, status)) return BY_STATUS[status] as Health;
  } catch (error) {
    if (call.result() === undefined) throw error;
  }
  const result = call.result();
  if (result?.kind !== "answered") {
    return { state: "down", reason: "Twilio can't be reached", humanAction: "none" };
  }
  if (result.status === 401 || result.status === 403 || result.status === 404) {
    const reason =
      "Twilio does not accept the credentials; correct the account SID and its secrets";
    return { state: "down", reason, humanAction: "relogin" };
  }
  return { state: "degraded", reason: `Twilio answered ${result.status}`, humanAction: "none" };
}
