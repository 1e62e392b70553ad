import type { Fixture } from "../contract/fixture.ts";
import type { InboundSender } from "../contract/inbound-event.ts";

/** When the recorded requests are looked at. */
export const RECORDED_AT = 1764115200000;
/** When they say that it happened. */
export const at = 1764115199000;
/** The business number that they are about. */
export const receiver = "+15550783881";
/** Who wrote, if nothing else is said. */
export const sender: InboundSender = {
  addresses: ["whatsapp:US.13491208655302741918", "whatsapp:+16505551234", "phone:+16505551234"],
  name: "Sheena Nelson",
};

/** A request of Meta's, and what it tells. */
export interface RecordedWhatsapp {
  readonly name: string;
  readonly signature: string;
  readonly body: string;
  readonly events: Fixture["events"];
}
