import { expect, test } from "vitest";
import { openPool } from "../pool/pool.fixture.ts";

test("a handler that pubnub.json binds is run as its options there say, and as PubNub does otherwise", async () => {
  const { pool, run } = await openPool({
    "greet.js": `import jwt from "jwt";
      export default (request) => {
        request.message.token = jwt.verify(jwt.sign({ id: 7 }, "a-secret"), "a-secret").id;
        return request.ok();
      };`,
    "plain.js": "export default (request) => request.ok();",
    "pubnub.json": JSON.stringify({
      "greet.js": {
        trigger: "beforePublish",
        binding: "*.sms.*",
        options: { kinds: ["message"], onFailure: "allow" },
      },
      "plain.js": { trigger: "beforePublish", binding: "*.sms.*" },
    }),
  });
  expect(pool.functions.map(({ options }) => options)).toEqual([
    { kinds: ["message"], onFailure: "allow" },
    { kinds: ["message", "edit", "data"] },
  ]);
  const { result } = await run("greet");
  expect(result).toEqual({ type: "ok", changed: { text: "hello", meta: { token: 7 } } });
});
