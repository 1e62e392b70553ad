import { afterEach, beforeEach, expect, type MockInstance, test, vi } from "vitest";
import { runFunction } from "../author/testing/run-function.ts";
import { createTestContext } from "../author/testing/test-context.ts";
import { fromPubNub } from "./from-pubnub.ts";
import { loadHandler } from "./load-handler.fixture.ts";

const NOW = Date.UTC(2030, 0, 1);
let logged: MockInstance;

beforeEach(() => {
  logged = vi.spyOn(console, "log").mockReturnValue();
  vi.spyOn(Date, "now").mockReturnValue(NOW);
});
afterEach(() => void vi.restoreAllMocks());

// Files as one writes them for PubNub Functions, unchanged: with `require` inside the handler or the file, or `import`.

test("a greeting is added to every message", async () => {
  const handler = await loadHandler(`
    export default (request) => {
      console.log('request', request.message);
      request.message.text = 'Hello, ' + request.message.text;
      return request.ok();
    };
  `);
  const greet = fromPubNub({ trigger: "beforePublish", binding: "*.group.*" }, handler);
  const { result } = await runFunction(greet, { message: "world" });
  expect(result).toEqual({ type: "ok", changed: { text: "Hello, world" } });
  expect(logged).toHaveBeenCalledWith("request", { text: "Hello, world" });
});

test("rude words are refused, by a list that is kept", async () => {
  const handler = await loadHandler(`
    const db = require('kvstore');

    export default async (request) => {
      const words = (await db.get('blocklist')) || [];
      const said = String(request.message.text || '').toLowerCase();
      if (words.some((word) => said.includes(word))) {
        return request.abort('please be kind');
      }
      return request.ok();
    };
  `);
  const filter = fromPubNub({ trigger: "beforePublish", binding: "*.group.*" }, handler);
  const options = { kv: { blocklist: ["nonsense"] } };
  const rude = await runFunction(filter, { message: "What NONSENSE" }, options);
  expect(rude.result).toEqual({ type: "abort", reason: "please be kind" });
  const kind = await runFunction(filter, { message: "What a day" }, options);
  expect(kind.result).toEqual({ type: "ok" });
});

test("who says too much in a minute is refused", async () => {
  const handler = await loadHandler(`
    import { incrCounter } from "kvstore";

    const LIMIT = 2;

    export default async function (request) {
      const minute = Math.floor(Date.now() / 60000);
      const count = await incrCounter(\`rate:\${request.params.uuid}:\${minute}\`);
      if (count > LIMIT) return request.abort({ error: 'slow down', limit: LIMIT });
      request.message.remaining = LIMIT - count;
      return request.ok();
    }
  `);
  const limit = fromPubNub({ trigger: "beforePublish", binding: "*.sms.*" }, handler);
  const context = createTestContext();
  const say = () => runFunction(limit, { message: "hi", sender: "account:ann" }, { context });
  expect((await say()).result).toMatchObject({ changed: { text: "hi", meta: { remaining: 1 } } });
  expect((await say()).result).toMatchObject({ changed: { meta: { remaining: 0 } } });
  expect((await say()).result).toEqual({
    type: "abort",
    reason: '{"error":"slow down","limit":2}',
  });
});

test("a message is translated by an outside service", async () => {
  const handler = await loadHandler(`
    const xhr = require('xhr');
    const vault = require('vault');
    const auth = require('codec/auth');
    const query = require('codec/query_string');

    export default (request) => {
      return vault.get('TRANSLATE_PASSWORD').then((password) => {
        const url = 'https://translate.example.org/v1?' + query.stringify({ to: 'fr', q: request.message.text });
        return xhr.fetch(url, { headers: { Authorization: auth.basic('bot', password) } });
      }).then((response) => {
        if (response.status !== 200) throw new Error('status ' + response.status);
        request.message.translated = JSON.parse(response.body).text;
        return request.ok();
      }).catch((err) => {
        console.error(err);
        return request.ok();
      });
    };
  `);
  const translate = fromPubNub({ trigger: "beforePublish", binding: "*.group.*" }, handler);
  const { result, requests } = await runFunction(
    translate,
    { message: "good day" },
    {
      secrets: { TRANSLATE_PASSWORD: "pw" },
      fetch: () => Response.json({ text: "bonjour" }),
    },
  );
  expect(requests).toMatchObject([
    {
      url: "https://translate.example.org/v1?to=fr&q=good%20day",
      headers: { authorization: `Basic ${btoa("bot:pw")}` },
    },
  ]);
  expect(result).toMatchObject({ changed: { text: "good day", meta: { translated: "bonjour" } } });
});

test("a reading is enriched: data are no message, and stay data", async () => {
  const handler = await loadHandler(`
    import { v5 } from "uuid";
    import math from "advanced_math";

    const HOME = { lat: 48.137, lon: 11.575 };

    export default async (request) => {
      const { lat, lon, device } = request.message;
      request.message.milesFromHome = Math.round(math.getDistance(HOME.lat, HOME.lon, lat, lon));
      request.message.deviceId = v5(device, '6ba7b810-9dad-11d1-80b4-00c04fd430c8');
      return request.ok();
    };
  `);
  const enrich = fromPubNub({ trigger: "beforePublish", binding: "*.group.*" }, handler);
  const data = { device: "truck-1", lat: 52.52, lon: 13.405 };
  const { result } = await runFunction(enrich, { data });
  expect(result).toMatchObject({
    type: "ok",
    changed: { ...data, milesFromHome: 313, deviceId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
  });
});

test("urgent messages are published on another channel as well", async () => {
  const handler = await loadHandler(`
    export default async (request) => {
      const pubnub = require('pubnub');
      if (request.message.priority === 'high') {
        const answer = await pubnub.publish({
          channel: 'production.group.alerts',
          message: { ...request.message, from: request.channels[0] }
        });
        console.log(\`status \${answer[0]} \${answer[1]} at \${answer[2]}\`);
      }
      return request.ok();
    };
  `);
  const route = fromPubNub({ trigger: "afterPublish", binding: "*.group.*" }, handler);
  const { published } = await runFunction(route, {
    channel: "production.group.lobby",
    message: { text: "fire!", meta: { priority: "high" } },
  });
  expect(published).toMatchObject([
    {
      channel: "production.group.alerts",
      message: { text: "fire!", meta: { priority: "high", from: "production.group.lobby" } },
    },
  ]);
});

test("votes are counted from signals", async () => {
  const handler = await loadHandler(`
    const store = require("kvstore");

    export default (request) => {
      const key = 'voted:' + request.params.uuid;
      return store.get(key).then((voted) => {
        if (voted) return request.abort();
        return Promise.all([
          store.set(key, true, 60),
          store.incrCounter('votes:' + request.message.choice, 1)
        ]).then(() => request.ok());
      });
    };
  `);
  const count = fromPubNub({ trigger: "beforeSignal", binding: "*.group.*" }, handler);
  const context = createTestContext();
  const vote = { kind: "vote", accountId: "ann", data: { choice: "tea" } };
  const first = await runFunction(count, vote, { context });
  const second = await runFunction(count, vote, { context });
  expect([first.result.type, second.result.type]).toEqual(["ok", "abort"]);
  expect(second.kv).toMatchObject({ "pubnub-counter:votes:tea": 1 });
});

test("who comes is welcomed", async () => {
  const handler = await loadHandler(`
    export default async (request) => {
      const { publish } = require('pubnub');
      const { action, uuid } = request.message;
      if (action === 'join') {
        await publish({ channel: request.channels[0], message: { text: \`\${uuid} is here\` } });
      }
      return request.ok();
    };
  `);
  const welcome = fromPubNub({ trigger: "afterPresence", binding: "*.group.*" }, handler);
  const channel = "production.group.lobby";
  const joined = await runFunction(welcome, { action: "join", accountId: "ann", channel });
  expect(joined.published).toMatchObject([{ channel, message: { text: "ann is here" } }]);
  const left = await runFunction(welcome, { action: "leave", accountId: "ann", channel });
  expect(left.published).toEqual([]);
});
