import type { HandsetNetwork } from "@anywire/types";
import { expect, test } from "vitest";
import type { HandsetsState } from "./handsets.ts";
import { addressOf, closed, firstOnes, opened, refsInAddress, renamed } from "./open-handsets.ts";

const ANN = { network: "twilio-sms", person: "+447700900123" };
const BEN = { network: "email", person: "ben~1@example.org" };

test("who is open stands in the address, and comes back from there", () => {
  expect(refsInAddress(addressOf([ANN, BEN]))).toEqual([ANN, BEN]);
  expect(refsInAddress(addressOf([]))).toEqual([]);
  expect(refsInAddress("?page=functions")).toBeUndefined();
});

test("nonsense in the address opens nobody, and nobody twice", () => {
  const twice = addressOf([ANN, ANN]).slice(1);
  expect(refsInAddress(`?open=sms&open=~&open=sms~&open=~x&${twice}`)).toEqual([ANN]);
  const many = Array.from({ length: 40 }, (_, i) => ({ network: "sms", person: `+${i}` }));
  expect(refsInAddress(addressOf(many))).toHaveLength(12);
});

test("opening somebody who is open changes nothing, closing takes one away", () => {
  const refs = [ANN, BEN];
  expect(opened(refs, { ...ANN })).toBe(refs);
  expect(opened([ANN], BEN)).toEqual(refs);
  expect(closed(refs, { ...ANN })).toEqual([BEN]);
});

test("whoever has another number keeps their place, and is there once", () => {
  const to = { ...ANN, person: "+447700900456" };
  expect(renamed([ANN, BEN], ANN, to.person)).toEqual([to, BEN]);
  expect(renamed([ANN, BEN, to], ANN, to.person)).toEqual([to, BEN]);
});

test("who has messages comes first, then examples, three in all", () => {
  const networks = ["sms", "email", "x", "slack"].map(
    (id) => ({ id, identity: { example: `one of ${id}` } }) as unknown as HandsetNetwork,
  );
  const persons = new Map([["x", [{ person: "@ann", unread: 1, last: null }]]]);
  expect(firstOnes({ networks, persons } as unknown as HandsetsState)).toEqual([
    { network: "x", person: "@ann" },
    { network: "sms", person: "one of sms" },
    { network: "email", person: "one of email" },
  ]);
});
