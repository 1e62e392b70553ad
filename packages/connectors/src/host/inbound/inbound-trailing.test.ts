import { expect, test } from "vitest";
import { trailingStores } from "../trailing-stores.fixture.ts";
import { createMemoryBackend, eventually, InboundNode } from "./inbound-node.fixture.ts";
import { byRaven } from "./raven.fixture.ts";

test("who is known to another node is known here, however late this node's state is", async () => {
  const backend = await createMemoryBackend();
  const late = { ...backend, createStores: () => trailingStores(backend.createStores()) };
  const node = new InboundNode(late);
  await node.start();
  await node.connect();
  const other = new InboundNode(backend);
  await other.start({ handles: false });
  const addresses = ["raven:ann"];
  const ann = await other.call("contact.create", { addresses, name: "Ann", reason: "by hand" });
  const change = { type: "identity_changed", from: "raven:ann", to: "raven:anna" } as const;
  await other.inbound.receive("tower", byRaven([{ ...change, at: Date.now() }]));
  await eventually(() => expect(node.events).toContainEqual(expect.stringMatching(/^identity_/)));
  expect(node.events).toContain("identity_changed done");
  expect(await other.call("contact.list", { address: "raven:anna" })).toMatchObject({
    contacts: [{ id: (ann as { id: string }).id }],
  });
  await other.close();
  await node.close();
  await backend.dispose();
});
