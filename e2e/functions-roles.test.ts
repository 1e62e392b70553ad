import { buildRevision } from "@anywire/functions/runtime";
import { expect, it } from "vitest";
import { withCluster } from "./crash/cluster.ts";
import { emptyEngine } from "./support/engine-config.ts";
import { functionsDirectory } from "./support/functions-directory.ts";
import { callHttp, operatorToken, say } from "./support/http-call.ts";
import { connectSdk, subscribeSdk } from "./support/sdk-client.ts";
import { startTestServer } from "./support/start-test-server.ts";

const BEFORE = `
import { beforePublish } from "@anywire/functions";

export default beforePublish("*.sms.*", (event) => {
  event.message.text += "!";
});
`;
const AFTER = `
import { afterPublish } from "@anywire/functions";

export default afterPublish("*.sms.*", async (event, { publish }) => {
  if (event.message.text === "fail!") throw new Error("no network");
  await publish("production.group.desk", event.message.text);
}, { maxAttempts: 1 });
`;

withCluster(() => {
  it("of divided processes, edges run what stands in the way of messages, and another what comes after", async () => {
    const engine = await emptyEngine("cluster");
    const edge = await startTestServer({ ...engine, roles: ["edge", "projector"] });
    const token = await operatorToken(edge);
    const { path } = await functionsDirectory({ "before.ts": BEFORE, "after.ts": AFTER });
    const revision = await buildRevision(path);
    await callHttp(edge, token, "POST", "/v1/revisions", revision);
    const decision = { action: "activate", revision: revision.id };
    await callHttp(edge, token, "POST", "/v1/deployment", decision);
    const { publications } = await subscribeSdk(await connectSdk(edge), "production.group.desk");
    await say(edge, "production.sms.1", "early");
    await say(edge, "production.sms.2", "fail");
    expect(publications.items).toEqual([]);

    const { keySet } = edge;
    const worker = await startTestServer({ ...engine, roles: ["functions"] }, { keySet });
    await publications.find(({ data }) => data.text === "early!", "what came before it started");
    const bob = await edge.token("bob");
    const messages = "/v1/channels/production.group.desk/messages";
    expect(await callHttp(worker, bob, "POST", messages, { text: "x" })).toMatchObject({
      status: 404,
    });
    const listed = await callHttp(worker, token, "GET", "/v1/functions");
    expect(listed.body.functions).toMatchObject([{ name: "after" }, { name: "before" }]);

    const letters = "/v1/functions/after/dead-letters";
    expect(await callHttp(edge, token, "GET", letters)).toMatchObject({
      status: 501,
      body: { detail: expect.stringContaining("role functions") },
    });
    await expect
      .poll(async () => (await callHttp(worker, token, "GET", letters)).body.deadLetters, {
        timeout: 10_000,
      })
      .toMatchObject([{ entry: { data: { text: "fail!" } }, attempts: 1 }]);
    const replay = "/v1/functions/after/replay";
    expect((await callHttp(edge, token, "POST", replay, {})).body).toMatchObject({
      isElsewhere: true,
    });
    expect((await callHttp(worker, token, "POST", replay, {})).body).toEqual({
      replayed: 0,
      failed: 1,
      isElsewhere: false,
    });
  }, 60_000);
});
