import type { Connector } from "../contract/connector.ts";
import { telegram } from "../telegram/index.ts";
import { twilioSms, twilioWhatsapp } from "../twilio/index.ts";

/** The connectors that come with Anywire. What they lean on is loaded when it is first needed. */
export const builtInConnectors: readonly Connector[] = [twilioSms, twilioWhatsapp, telegram];
