import { describeConnector } from "@anywire/testkit";
import { whatsappCloud } from "./whatsapp-cloud.ts";

describeConnector(whatsappCloud);
