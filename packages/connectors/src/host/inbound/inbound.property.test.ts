import { deliveryKey } from "@anywire/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { InboundEvent } from "../../contract/inbound-event.ts";
import { createMemoryBackend, eventually, InboundNode } from "./inbound-node.fixture.ts";
import { byRaven, letter } from "./raven.fixture.ts";

const PEOPLE = ["raven:ann", "raven:eve", "raven:bo"];
const DELIVERIES = ["out-1", "out-2"];

type Status = "sent" | "delivered" | "read" | "failed";

/** What happened at the network, in whatever order and however often it is told. */
type Fact =
  | { readonly person: string; readonly externalId: string }
  | { readonly delivery: string; readonly status: Status; readonly isNamedById: boolean };

const message = fc.record({
  person: fc.constantFrom(...PEOPLE),
  externalId: fc.stringMatching(/^m[0-9]$/),
});
const receipt = fc.record({
  delivery: fc.constantFrom(...DELIVERIES),
  status: fc.constantFrom<Status>("sent", "delivered", "read", "failed"),
  isNamedById: fc.boolean(),
});

/** The facts, each told at least once, some again, in any order, in any requests, with the process restarted in between or not. */
const telling = fc
  .uniqueArray<Fact, string>(fc.oneof(message, receipt), {
    selector: (fact) => ("externalId" in fact ? fact.externalId : JSON.stringify(fact)),
    minLength: 1,
    maxLength: 12,
  })
  .chain((facts) =>
    fc.record({
      facts: fc.constant(facts),
      again: fc.array(fc.nat(facts.length - 1), { maxLength: 8 }),
      order: fc.infiniteStream(fc.nat(1000)),
      size: fc.integer({ min: 1, max: 5 }),
      restartAfter: fc.nat(6),
    }),
  );

function toEvent(fact: Fact): InboundEvent {
  if ("person" in fact) {
    return letter(fact.externalId, { at: 1, sender: { addresses: [fact.person] } });
  }
  const { delivery, status, isNamedById } = fact;
  const name = isNamedById ? { deliveryId: `delivery-${delivery}` } : { externalId: delivery };
  return { type: "receipt", at: 1, status, ...name };
}

/** What must be so when everything was told. */
function expectedStatus(facts: readonly Fact[], delivery: string): string {
  const told = facts.flatMap((fact) =>
    "status" in fact && fact.delivery === delivery ? [fact.status] : [],
  );
  for (const status of ["read", "delivered", "failed"] as const) {
    if (told.includes(status)) return status;
  }
  return "sent";
}

test("whatever comes twice, late or out of order: each message is there once, each person's on one channel, each delivery as far as it got", {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(telling, async ({ facts, again, order, size, restartAfter }) => {
      const backend = await createMemoryBackend();
      let node = new InboundNode(backend);
      await node.start();
      await node.connect();
      const channel = await node.open();
      for (const externalId of DELIVERIES) await node.sendOut(channel, { externalId });
      const outgoing = (await node.messages()).length;
      const all = [...facts, ...again.flatMap((i) => facts[i] ?? [])];
      const shuffled = all
        .map((fact) => ({ fact, key: order.next().value as number }))
        .sort((a, b) => a.key - b.key)
        .map(({ fact }) => toEvent(fact));
      for (let i = 0; i * size < shuffled.length; i += 1) {
        if (i === restartAfter) {
          await node.close();
          node = new InboundNode(backend);
          await node.start();
        }
        const some = shuffled.slice(i * size, (i + 1) * size);
        await node.inbound.receive("tower", byRaven(some));
      }
      const said = facts.flatMap((fact) => ("person" in fact ? [fact] : []));
      await eventually(async () => {
        expect((await node.messages()).length - outgoing).toBe(said.length);
        for (const id of DELIVERIES) {
          const delivery = await node.get(deliveryKey(channel, `delivery-${id}`));
          expect(delivery?.status).toBe(expectedStatus(facts, id));
        }
      });
      await expectOneChannelEach(node, said);
      expect(await node.call("connection.problems", { id: "tower" })).toEqual({ problems: [] });
      await node.close();
      await backend.dispose();
    }),
    { numRuns: 40 },
  );
});

async function expectOneChannelEach(
  node: InboundNode,
  said: readonly { readonly person: string; readonly externalId: string }[],
): Promise<void> {
  const messages = await node.messages();
  for (const person of PEOPLE) {
    const theirs = said.filter((one) => one.person === person);
    const texts = theirs.map(({ externalId }) => `letter ${externalId}`);
    const found = messages.filter((one) => texts.includes(one.said.text ?? ""));
    expect(found).toHaveLength(theirs.length);
    expect(new Set(found.map(({ channel }) => channel)).size).toBe(Math.min(1, theirs.length));
    expect(new Set(found.map(({ sender }) => sender)).size).toBe(Math.min(1, theirs.length));
  }
}
