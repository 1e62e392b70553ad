import { describeConnector } from "@anywire/testkit";
import { twilioWhatsapp } from "./twilio-whatsapp.ts";

describeConnector(twilioWhatsapp);
