import { randomUUID } from "node:crypto";
import type { Presence } from "@anywire/core";
import { describePresence } from "@anywire/testkit";
import { connect } from "@nats-io/transport-node";
import { startTcpProxy } from "../../../../scripts/engines/tcp-proxy.ts";
import { withEngine } from "../../../../scripts/engines/with-engine.ts";
import { createNatsLink } from "./nats-link.ts";
import { createNatsPresence } from "./nats-presence.ts";

withEngine("nats", (url) => {
  describePresence("nats", async () => {
    const prefix = `t${randomUUID().slice(0, 8)}`;
    const proxies = await Promise.all([url, url, url].map((server) => startTcpProxy(server)));
    const nodes: Presence[] = [];
    return {
      createNode: () => {
        const servers = [proxies[nodes.length]?.url ?? url];
        const node = createNatsPresence(createNatsLink({ servers, prefix }), { leaseMs: 1_500 });
        nodes.push(node);
        return node;
      },
      // All that the others notice of a crash is that it says nothing more.
      crash: async (node) => proxies[nodes.indexOf(node)]?.cut(),
      dispose: async () => {
        await Promise.all(proxies.map((proxy) => proxy.close()));
        const connection = await connect({ servers: url });
        await connection.request(`$JS.API.STREAM.DELETE.KV_${prefix}-presence`);
        await connection.close();
      },
    };
  });
});
