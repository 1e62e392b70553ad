export { whatsappCloud } from "./whatsapp-cloud.ts";
