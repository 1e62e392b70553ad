import { presenceSchema } from "@anywire/types";
import { expect, test } from "vitest";
import { createTestApp } from "./create-test-app.fixture.ts";

const LOBBY = "production.group.lobby";

test("everyone on the channel is named and counted, accounts once", async () => {
  const { presence, send } = await createTestApp();
  await presence.join(LOBBY, { client: "c1", user: "bob" });
  await presence.join(LOBBY, { client: "c2", user: "bob" });
  await presence.join(LOBBY, { client: "c3", user: "june" });
  await presence.join("production.group.other", { client: "c4", user: "ann" });
  const answer = await send(`/v1/channels/${LOBBY}/presence`);
  const { members, ...rest } = presenceSchema.parse(await answer.json());
  expect(members.map(({ client }) => client).sort()).toEqual(["c1", "c2", "c3"]);
  expect(rest).toEqual({ channel: LOBBY, numClients: 3, numUsers: 2 });
});

test("a crowd is counted in full and named up to a thousand", async () => {
  const { presence, send } = await createTestApp();
  for (let i = 0; i < 1001; i++) await presence.join(LOBBY, { client: `c${i}`, user: `u${i}` });
  const { members, numClients } = await (await send(`/v1/channels/${LOBBY}/presence`)).json();
  expect([members.length, numClients]).toEqual([1000, 1001]);
});

test("who may only publish does not see who is there", async () => {
  const { issue, send } = await createTestApp();
  const token = await issue({ publish: ["production.>"] });
  expect((await send(`/v1/channels/${LOBBY}/presence`, { token })).status).toBe(403);
});
