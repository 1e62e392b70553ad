import { describeConnector } from "@anywire/testkit";
import { email } from "./email-connector.ts";

describeConnector(email);
