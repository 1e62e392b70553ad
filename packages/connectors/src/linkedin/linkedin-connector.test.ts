import { describeConnector } from "@anywire/testkit";
import { linkedin } from "./linkedin-connector.ts";

describeConnector(linkedin);
