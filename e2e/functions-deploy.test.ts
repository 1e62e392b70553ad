import { buildRevision } from "@anywire/functions/runtime";
import { expect, test } from "vitest";
import { lastingEngine } from "./support/engine-config.ts";
import { functionsDirectory } from "./support/functions-directory.ts";
import { callHttp, operatorToken, say } from "./support/http-call.ts";
import { startTestServer } from "./support/start-test-server.ts";

function signed(mark: string): string {
  return `
import { beforePublish } from "@anywire/functions";

export default beforePublish("*.group.*", (event) => {
  event.message.text += "${mark}";
});
`;
}

test("what is deployed runs once it is activated, on a server that starts later too; a rollback brings back what ran", async () => {
  const engine = await lastingEngine();
  const server = await startTestServer(engine);
  const token = await operatorToken(server);
  const call = async (method: string, path: string, json?: unknown) => {
    const { status, body } = await callHttp(server, token, method, path, json);
    expect(status, JSON.stringify(body)).toBeLessThan(300);
    return body;
  };
  const bob = await server.token("bob");
  const lastText = async (at: typeof server = server): Promise<string> => {
    await say(at, "production.group.lobby", "hi");
    const path = "/v1/channels/production.group.lobby/entries?order=desc&limit=1";
    const { body } = await callHttp(at, bob, "GET", path);
    return body.entries[0].data.text;
  };
  const put = async (mark: string): Promise<string> => {
    const { path } = await functionsDirectory({ "sign.ts": signed(mark) });
    const { id } = await call("POST", "/v1/revisions", {
      ...(await buildRevision(path)),
      note: mark,
    });
    return id;
  };

  const one = await put("!");
  expect(await lastText()).toBe("hi");
  expect(await call("POST", "/v1/deployment", { action: "activate", revision: one })).toMatchObject(
    {
      source: "deployments",
      active: one,
    },
  );
  expect(await lastText()).toBe("hi!");
  const two = await put("?");
  await call("POST", "/v1/deployment", { action: "activate", revision: two });
  expect(await lastText()).toBe("hi?");
  expect(await call("POST", "/v1/deployment", { action: "rollback" })).toMatchObject({
    active: one,
  });
  expect(await lastText()).toBe("hi!");

  const { revisions } = await call("GET", "/v1/revisions");
  expect(revisions.map(({ id, by, note }: Record<string, unknown>) => [id, by, note])).toEqual([
    [two, "ops", "?"],
    [one, "ops", "!"],
  ]);
  await call("POST", "/v1/functions/sign/disable");
  expect(await lastText()).toBe("hi");
  await call("POST", "/v1/functions/sign/enable", {});
  const { functions } = await call("GET", "/v1/functions");
  expect(functions).toMatchObject([{ name: "sign", state: "running", revision: one }]);

  await server.close();
  const later = await startTestServer(engine, { keySet: server.keySet });
  expect(await lastText(later)).toBe("hi!");
}, 60_000);
