import { describeStateStore } from "@anywire/testkit";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { createNatsChangeBus, createNatsLink, createNatsLog } from "../nats/index.ts";
import { newPrefix, removeStreams } from "../nats/nats-streams.fixture.ts";
import { dynamodbBackend } from "./dynamodb-backend.fixture.ts";

withEngine("nats", (url) => {
  withEngine("dynamodb", (endpoint) => {
    describeStateStore("dynamodb, its log and news on nats", () => {
      const prefix = newPrefix();
      const backend = dynamodbBackend(endpoint);
      return {
        createNode: () => {
          const link = createNatsLink({ servers: [url], prefix });
          return backend.createNode({ log: createNatsLog(link), bus: createNatsChangeBus(link) });
        },
        dispose: async () => {
          await backend.dispose();
          await removeStreams(url, prefix);
        },
      };
    });
  });
});
