import { describeConnector } from "@anywire/testkit";
import { twilioSms } from "./twilio-sms.ts";

describeConnector(twilioSms);
