export { twilioSms } from "./twilio-sms.ts";
export { twilioWhatsapp } from "./twilio-whatsapp.ts";
