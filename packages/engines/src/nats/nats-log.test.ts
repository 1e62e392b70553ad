import { describeLog } from "@anywire/testkit";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { createNatsLink } from "./nats-link.ts";
import { createNatsLog } from "./nats-log.ts";
import { newPrefix, removeStreams } from "./nats-streams.fixture.ts";

withEngine("nats", (url) => {
  describeLog("nats", () => {
    const prefix = newPrefix();
    return {
      createNode: (options) => createNatsLog(createNatsLink({ servers: [url], prefix }), options),
      dispose: () => removeStreams(url, prefix),
    };
  });
});
