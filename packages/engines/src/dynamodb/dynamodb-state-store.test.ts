import { describeStateStore } from "@anywire/testkit";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { dynamodbBackend } from "./dynamodb-backend.fixture.ts";

withEngine("dynamodb", (endpoint) => {
  describeStateStore("dynamodb", () => dynamodbBackend(endpoint));
});
