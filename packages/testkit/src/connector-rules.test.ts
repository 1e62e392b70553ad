import { parrot } from "./connector/parrot.fixture.ts";
import { describeConnector } from "./describe-connector.ts";

describeConnector(parrot);
