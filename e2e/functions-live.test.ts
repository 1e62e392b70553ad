import { expect, test } from "vitest";
import { functionsDirectory } from "./support/functions-directory.ts";
import { connectSdk, subscribeSdk } from "./support/sdk-client.ts";
import { startTestServer } from "./support/start-test-server.ts";

const TYPING = `
import { afterSignal } from "@anywire/functions";

export default afterSignal("*.direct.*", async (event, { publish }) => {
  await publish("production.group.log", event.accountId + " " + event.kind + " on " + event.channelId);
});
`;
const DOOR = `
import { afterPresence } from "@anywire/functions";

export default afterPresence("*.group.lobby", async (event, { publish }) => {
  await publish("production.group.log", event.accountId + " " + event.action);
});
`;

test("signals, and who comes and goes, run functions; a connection that ends is one that goes", async () => {
  const functions = await functionsDirectory({ "typing.ts": TYPING, "door.ts": DOOR });
  const server = await startTestServer({
    functions: { source: "directory", directory: functions.path },
  });
  const { publications } = await subscribeSdk(await connectSdk(server), "production.group.log");
  const said = async (text: string): Promise<void> => {
    await publications.find(({ data }) => data.text === text, text);
  };
  const june = await connectSdk(server, { account: "june" });
  const lobby = await subscribeSdk(june, "production.group.lobby");
  await said("june join");
  await june.centrifuge.rpc("signal.send", { channel: "production.direct.1", kind: "typing" });
  await said("june typing on 1");
  lobby.subscription.unsubscribe();
  await said("june leave");
  const ann = await connectSdk(server, { account: "ann" });
  await subscribeSdk(ann, "production.group.lobby");
  await said("ann join");
  ann.centrifuge.disconnect();
  await said("ann leave");
  expect(publications.items.map(({ data }) => data.text)).toEqual([
    "june join",
    "june typing on 1",
    "june leave",
    "ann join",
    "ann leave",
  ]);
});
