import { runFunction } from "@anywire/functions";
import { expect, test } from "vitest";
import openTicket from "./open-ticket.ts";

test("a ticket is a group of the customer and the support, with the text in it", async () => {
  const { response, published, context } = await runFunction(openTicket, {
    accountId: "june",
    body: { subject: "Lost parcel", text: "Where is my parcel?" },
  });
  expect(response.status).toBe(201);
  const { channel } = await response.json();
  expect(response.headers.get("location")).toBe(`/v1/channels/${channel}`);
  expect(await context.channels.get(channel)).toMatchObject({
    type: "group",
    title: "Lost parcel",
    participants: ["account:june", "account:support"],
    meta: { isTicket: true },
  });
  expect(published).toMatchObject([
    { channel, sender: "account:june", message: { text: "Where is my parcel?" } },
  ]);
});

test.each([
  { text: "Where is it?" },
  { subject: "Parcel" },
  { subject: " ", text: "Where is it?" },
  { subject: "x".repeat(101), text: "Where is it?" },
  null,
])("a ticket that says too little or too much is refused: %j", async (body) => {
  const { response, published } = await runFunction(openTicket, { body });
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({ error: "a ticket has a subject and a text" });
  expect(published).toEqual([]);
});

test("a body that is no JSON is refused", async () => {
  const { response } = await runFunction(openTicket, { body: "hello" });
  expect(response.status).toBe(400);
});
