import { createNatsLink } from "./nats-link.ts";
import { createNatsLog } from "./nats-log.ts";

// A node in a process of its own that appends to one channel without a break until it is killed.
const [, , url = "", prefix = "", channel = ""] = process.argv;
const log = createNatsLog(createNatsLink({ servers: [url], prefix }));
await log.start();
const say = { channel, kind: "data", sender: "account:ann", dataJson: "1" } as const;
const run = async (): Promise<never> => {
  for (;;) await log.append({ ...say, id: crypto.randomUUID() });
};
const running = Array.from({ length: 20 }, run);
process.stdout.write("appending\n");
await Promise.all(running);
