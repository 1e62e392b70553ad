export { linkedin } from "./linkedin-connector.ts";
export type { LinkedinSettings } from "./linkedin-settings.ts";
