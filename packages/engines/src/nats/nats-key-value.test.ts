import { describeKeyValueStore } from "@anywire/testkit";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { createNatsKeyValue } from "./nats-key-value.ts";
import { createNatsLink } from "./nats-link.ts";

withEngine("nats", (url) => {
  describeKeyValueStore("nats", () => {
    const prefix = `test-${crypto.randomUUID().slice(0, 13)}`;
    return {
      createNode: () => createNatsKeyValue(createNatsLink({ servers: [url], prefix })),
      dispose: async () => {
        const connection = await connect({ servers: url });
        await (await jetstreamManager(connection)).streams.delete(`KV_${prefix}-kv`);
        await connection.close();
      },
    };
  });
});
