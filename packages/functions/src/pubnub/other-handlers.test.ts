import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { runFunction } from "../author/testing/run-function.ts";
import { createTestContext } from "../author/testing/test-context.ts";
import { fromPubNub } from "./from-pubnub.ts";
import { loadHandler } from "./load-handler.fixture.ts";

// On Request and On Interval handlers as one writes them for PubNub Functions, unchanged.

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

test("an endpoint with routes of its own and CORS", async () => {
  const handler = await loadHandler(`
    export default (request, response) => {
      const kvstore = require('kvstore');

      response.headers['Access-Control-Allow-Origin'] = '*';
      response.headers['Access-Control-Allow-Methods'] = 'GET, POST, OPTIONS';

      const controllers = {
        options: () => response.send('', 200),
        get: () => kvstore.get('user:' + request.params.id).then((user) => {
          if (!user) return response.send({ error: 'not found' }, 404);
          return response.send(user);
        }),
        post: () => {
          const body = JSON.parse(request.body);
          response.status = 201;
          return kvstore.set('user:' + body.id, body).then(() => response.send(body));
        }
      };
      return controllers[request.method.toLowerCase()]();
    };
  `);
  const users = fromPubNub({ trigger: "onRequest", binding: "users" }, handler);
  const context = createTestContext();
  const call = async (method: string, query = "", body = "") => {
    const url = `https://example.org/functions/users${query}`;
    const event = { method, path: "/users", url, body: bytes(body) };
    return (await runFunction(users, event, { context })).response;
  };
  expect((await call("OPTIONS")).headers.get("access-control-allow-origin")).toBe("*");
  const created = await call("POST", "", '{"id":"7","name":"Ann"}');
  expect([created.status, await created.json()]).toEqual([201, { id: "7", name: "Ann" }]);
  expect(await (await call("GET", "?id=7")).json()).toEqual({ id: "7", name: "Ann" });
  expect((await call("GET", "?id=8")).status).toBe(404);
});

test("a webhook is published once its signature is right", async () => {
  const handler = await loadHandler(`
    const crypto = require('crypto');
    const base64 = require('codec/base64');
    const pubnub = require('pubnub');
    const vault = require('vault');

    export default async (request, response) => {
      const secret = await vault.get('HOOK_SECRET');
      const hmac = await crypto.hmac(base64.btoa(secret), request.body, crypto.ALGORITHM.HMAC_SHA256);
      const expected = hmac.replace(/-/g, '+').replace(/_/g, '/');
      if (request.headers['x-signature'] !== expected) {
        return response.send({ error: 'wrong signature' }, 401);
      }
      const { issue } = await request.json();
      await pubnub.publish({ channel: 'production.group.dev', message: { text: issue.title } });
      return response.send({ ok: true }, 200);
    };
  `);
  const hook = fromPubNub({ trigger: "onRequest", binding: "hooks/issues" }, handler);
  const body = '{"issue":{"title":"It is broken"}}';
  const signature = createHmac("sha256", "s3cret").update(body).digest("base64");
  const options = { secrets: { HOOK_SECRET: "s3cret" } };
  const send = (sent: string) =>
    runFunction(
      hook,
      { method: "POST", body: bytes(body), headers: { "x-signature": sent } },
      options,
    );
  const right = await send(signature);
  expect(right.response.status).toBe(200);
  expect(right.published).toMatchObject([{ message: { text: "It is broken" } }]);
  const wrong = await send("nonsense");
  expect(wrong.response.status).toBe(401);
  expect(wrong.published).toEqual([]);
});

test("a login gives a token, and the token opens a page", async () => {
  const handler = await loadHandler(`
    import { sign, verify } from "jwt";
    import vault from "vault";

    export default async (request, response) => {
      const secret = await vault.get("JWT_SECRET");
      if (request.path === "/login") {
        const { userId } = await request.json();
        return response.send({ token: sign({ userId }, secret, { expiresIn: "1h" }) });
      }
      try {
        const token = (request.headers.authorization || "").replace("Bearer ", "");
        return response.send({ hello: verify(token, secret).userId });
      } catch (error) {
        return response.send({ error: error.name }, 401);
      }
    };
  `);
  const pages = fromPubNub({ trigger: "onRequest", binding: "/*" }, handler);
  const options = { secrets: { JWT_SECRET: "a-secret" } };
  const login = await runFunction(
    pages,
    { method: "POST", path: "/login", body: bytes('{"userId":"ann"}') },
    options,
  );
  const { token } = (await login.response.json()) as { token: string };
  const open = async (authorization: string) =>
    (await runFunction(pages, { path: "/page", headers: { authorization } }, options)).response;
  expect(await (await open(`Bearer ${token}`)).json()).toEqual({ hello: "ann" });
  const stranger = await open("Bearer nonsense");
  expect([stranger.status, await stranger.json()]).toEqual([401, { error: "JsonWebTokenError" }]);
});

test("numbers of a report are picked out with JSONPath", async () => {
  const handler = await loadHandler(`
    const { JSONPath } = require("jsonpath");
    const utils = require("utils");

    export default async (request, response) => {
      const report = await request.json();
      const prices = JSONPath({ path: "$.items[?(@.price > 10)].price", json: report });
      const total = prices.filter(utils.isNumeric).reduce((sum, price) => sum + price, 0);
      return response.send({ count: prices.length, total });
    };
  `);
  const report = fromPubNub({ trigger: "onRequest", binding: "report" }, handler);
  const body = bytes('{"items":[{"price":5},{"price":20},{"price":30}]}');
  const { response } = await runFunction(report, { method: "POST", body });
  expect(await response.json()).toEqual({ count: 2, total: 50 });
});

test("totals are published at an interval", async () => {
  const handler = await loadHandler(`
    export default async (event) => {
      const db = require('kvstore');
      const pubnub = require('pubnub');
      try {
        const totals = {};
        for (const key of await db.getCounterKeys()) {
          totals[key.replace('votes:', '')] = await db.getCounter(key);
        }
        await db.set('totals', totals, 5);
        await pubnub.publish({ channel: 'production.group.board', message: { totals } });
        return event.ok();
      } catch (error) {
        console.error(error);
        return event.abort();
      }
    };
  `);
  const totals = fromPubNub({ trigger: "onInterval", binding: 60_000 }, handler);
  const kv = { "pubnub-counter:votes:tea": 3, "pubnub-counter:votes:coffee": 2 };
  const run = await runFunction(totals, {}, { kv });
  expect(run.published).toMatchObject([{ data: { totals: { tea: 3, coffee: 2 } } }]);
  expect(run.kv["totals"]).toEqual({ tea: 3, coffee: 2 });
});

test("what is not supported lands in the handler's catch", async () => {
  const handler = await loadHandler(`
    export default async (event) => {
      const pubnub = require('pubnub');
      const kvstore = require('kvstore');
      await pubnub.fire({ channel: 'analytics', message: { at: 1 } }).catch((error) =>
        kvstore.set('failed', error.code)
      );
      return event.ok();
    };
  `);
  const fire = fromPubNub({ trigger: "onInterval", binding: 60_000 }, handler);
  expect((await runFunction(fire)).kv["failed"]).toBe("unsupported");
});
