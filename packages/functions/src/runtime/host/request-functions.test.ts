import { AnywireError, createEntryId } from "@anywire/types";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ResponseResult } from "../../author/results.ts";
import { onRequest } from "../../index.ts";
import type { HostRequest } from "./function-host.ts";
import { HOST_BACKENDS, type HostBackend, HostNode } from "./host-node.fixture.ts";
import { type Definitions, InlinePools } from "./inline-pool.fixture.ts";

let backend: HostBackend;
let pools: InlinePools;
let node: HostNode;

beforeEach(async () => {
  backend = await HOST_BACKENDS.memory();
  pools = new InlinePools();
  node = new HostNode(backend, { createPool: pools.create });
  await node.start();
});

afterEach(async () => {
  await node.close();
  await backend.dispose();
});

function deploy(definitions: Definitions): Promise<void> {
  const active = pools.revision(createEntryId(), definitions);
  return node.host.deploy({ active, disabled: [], since: {} });
}

function ask(asked: string, rest: Partial<HostRequest> = {}): Promise<ResponseResult | undefined> {
  const [method = "", path = ""] = asked.split(" ");
  return node.host.request({
    ...{ method, path, url: `http://localhost/functions${path}`, headers: { "x-a": "1" } },
    body: async () => new TextEncoder().encode('{"a":1}'),
    authenticate: async () => ({ accountId: "ann", platform: "staging" }),
    clientAddress: "127.0.0.1",
    ...rest,
  });
}

const textOf = (response: ResponseResult | undefined): string =>
  new TextDecoder().decode(response?.body);

test("a request is answered by what is bound to it, in the name of who asks", async () => {
  await deploy({
    tickets: onRequest("POST /tickets/:id", async (event, { platform }) =>
      event.respond(
        { ...event.params, ...(await event.json<object>()), by: event.accountId, platform },
        { status: 201, headers: { "x-seen": event.headers["x-a"] ?? "" } },
      ),
    ),
  });
  const response = await ask("POST /tickets/7");
  expect(response).toMatchObject({ type: "response", status: 201 });
  expect(response?.headers).toContainEqual(["x-seen", "1"]);
  expect(JSON.parse(textOf(response))).toEqual({ id: "7", a: 1, by: "ann", platform: "staging" });
});

test("nothing is read of a request that nothing is bound to, and a wrong method is told", async () => {
  await deploy({ a: onRequest("POST /a", (event) => event.respond()) });
  const untouched = {
    body: () => Promise.reject(new Error("was read")),
    authenticate: () => Promise.reject(new Error("was asked")),
  };
  expect(await ask("POST /b", untouched)).toBeUndefined();
  await expect(ask("GET /a", untouched)).rejects.toMatchObject({
    code: "method_not_found",
    message: "/a is not there for GET; it is for POST",
    // The header Allow of the answer is made from it, which it must have.
    details: { allow: "POST" },
  });
});

test("who has no good token, or one of another platform, is refused before the body is read", async () => {
  const body = (): never => {
    throw new Error("was read");
  };
  const authenticate = () => Promise.reject(new AnywireError("unauthenticated", "no token"));
  await deploy({
    a: onRequest("GET /a", (event) => event.respond()),
    b: onRequest("GET /b", (event) => event.respond(), { platform: "production" }),
    c: onRequest(
      "GET /c",
      (event, { platform }) => event.respond({ platform, by: event.accountId }),
      {
        auth: "none",
      },
    ),
  });
  await expect(ask("GET /a", { authenticate, body })).rejects.toMatchObject({
    code: "unauthenticated",
  });
  await expect(ask("GET /b", { body })).rejects.toMatchObject({ code: "permission_denied" });
  expect(JSON.parse(textOf(await ask("GET /c", { authenticate })))).toEqual({
    ...{ platform: "production", by: null },
  });
});

test("an answer that is too large, one that is none and a failure are told as such", async () => {
  await deploy({
    large: onRequest("GET /large", (event) => event.respond("x".repeat(1_025))),
    fits: onRequest("GET /fits", (event) => event.respond("x".repeat(1_024))),
    none: onRequest("GET /none", () => undefined as never),
    boom: onRequest("GET /boom", () => {
      throw new Error("secret");
    }),
  });
  expect(textOf(await ask("GET /fits")).length).toBe(1_024);
  for (const [name, failure] of [
    ["large", "bad_result"],
    ["none", "bad_result"],
    ["boom", "threw"],
  ]) {
    await expect(ask(`GET /${name}`)).rejects.toMatchObject({
      code: "function_failed",
      details: { function: name, failure },
      message: expect.not.stringContaining("secret"),
    });
  }
  expect((await node.logged(3, "staging"))[0]?.text).toContain("functions.maxResponseBytes");
});
