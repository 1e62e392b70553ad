import { afterEach, expect, test } from "vitest";
import { createSecretVault } from "../connections/secret-vault.ts";
import { createDesks, DESK_BACKENDS } from "./outbound-desk.fixture.ts";
import { rejected } from "./scripted-connector.fixture.ts";

const { setUp, end } = createDesks(DESK_BACKENDS.memory);
afterEach(end);

test("what the network says back of the secrets stands in no delivery's history", async () => {
  const { network, desk, channel } = await setUp();
  const secrets = { key: [{ value: "open-sesame", until: null }] };
  await createSecretVault(desk.stores.kv, "secret").write("main", { secrets });
  desk.connections.forget("main");
  network.otherwise = () =>
    rejected("content_rejected", { code: "open-sesame", reason: "who is open-sesame?" });
  desk.outbound.start();
  await desk.say(channel, "hello");
  const { error } = await desk.untilStatus(channel, "failed");
  expect(error).toMatchObject({ code: "***", reason: "who is ***?" });
});
