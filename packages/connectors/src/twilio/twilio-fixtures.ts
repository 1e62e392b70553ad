import type { Fixture } from "../contract/fixture.ts";

/** When the recorded requests are looked at. */
export const RECORDED_AT = 1764115200000;

/** A request of Twilio's, and what it tells. */
export interface RecordedTwilio {
  readonly name: string;
  /** What comes after the connection's URL. */
  readonly query?: string;
  readonly signature: string;
  readonly body: string;
  readonly events: Fixture["events"];
}

/** Recorded requests as fixtures of a connection whose sender has that number. */
export function twilioFixtures(
  url: string,
  from: string,
  recorded: readonly RecordedTwilio[],
): readonly Fixture[] {
  return recorded.map(({ name, query = "", signature, body, events }) => ({
    name,
    settings: { accountSid: "AC0123456789abcdef0123456789abcdef", from },
    secrets: { authToken: "f1x7ur3f1x7ur3f1x7ur3f1x7ur30000" },
    now: RECORDED_AT,
    request: {
      method: "POST",
      url: url + query,
      headers: {
        "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
        "x-twilio-signature": signature,
      },
      body,
    },
    events,
  }));
}
