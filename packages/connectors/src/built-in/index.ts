import type { Connector } from "../contract/connector.ts";
import { email } from "../email/index.ts";
import { linkedin } from "../linkedin/index.ts";
import { pigeon } from "../pigeon/index.ts";
import { slack } from "../slack/index.ts";
import { telegram } from "../telegram/index.ts";
import { twilioSms, twilioWhatsapp } from "../twilio/index.ts";
import { whatsappCloud } from "../whatsapp/index.ts";
import { x } from "../x/index.ts";

/**
 * The connectors that come with Anywire, the first of each network first. What they lean on is loaded when it is first needed.
 */
export const builtInConnectors: readonly Connector[] = [
  twilioSms,
  whatsappCloud,
  email,
  x,
  linkedin,
  telegram,
  slack,
  pigeon,
  twilioWhatsapp,
];
