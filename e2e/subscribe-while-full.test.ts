import { expect, it } from "vitest";
import { connectRaw } from "./support/raw-client.ts";
import { connectSdk } from "./support/sdk-client.ts";
import { startTestServer } from "./support/start-test-server.ts";

const LOUD = "production.group.loud";
const QUIET = "production.group.quiet";

// A subscription that was made while the connection's buffer was full heard nothing for ever: catching up
// stopped before it began, and nobody remembered to begin it again when the socket drained.
it("a subscription made while the connection is full is served once it drains", async () => {
  const server = await startTestServer();
  const publisher = await connectSdk(server, { account: "publisher" });
  const client = await connectRaw(server);
  await client.request({ subscribe: { channel: LOUD } });
  const big = "x".repeat(50_000);
  const loud = Array.from({ length: 4 }, () => ({ publish: { channel: LOUD, data: big } }));
  const replies = await client.requestAll([...loud, { subscribe: { channel: QUIET } }]);
  expect(replies.map(({ error }) => error)).toEqual(Array.from({ length: 5 }, () => undefined));
  await publisher.centrifuge.publish(QUIET, "hello");
  await client.replies.find(({ push }) => push?.channel === QUIET && push.pub !== undefined);
  expect(client.publications(LOUD)).toHaveLength(4);
  expect(client.publications(QUIET).map(({ data }) => data)).toEqual(["hello"]);
});
