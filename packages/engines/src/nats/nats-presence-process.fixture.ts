import { createNatsLink } from "./nats-link.ts";
import { createNatsPresence } from "./nats-presence.ts";

// A node in a process of its own, for tests that kill it: joins the clients it is told to and says when it has.
const [url = "", prefix = "", channel = "", leaseMs = "", ...clients] = process.argv.slice(2);
const presence = createNatsPresence(createNatsLink({ servers: [url], prefix }), {
  leaseMs: Number(leaseMs),
});
await presence.start();
await Promise.all(clients.map((client) => presence.join(channel, { client, user: "process" })));
process.stdout.write("joined\n");
