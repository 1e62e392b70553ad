export { email } from "./email-connector.ts";
export type { EmailSettings } from "./email-settings.ts";
