import type { Principal } from "@anywire/core";
import type { ChannelAbilities } from "@anywire/types";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Capabilities } from "../../contract/capabilities.ts";
import {
  createMemoryBackend,
  type InboundBackend,
  InboundNode,
  OPERATOR,
} from "../inbound/inbound-node.fixture.ts";

let backend: InboundBackend;
let node: InboundNode;

beforeEach(async () => {
  backend = await createMemoryBackend();
  node = new InboundNode(backend);
  await node.start({ handles: false });
});

afterEach(async () => {
  await node.close();
  await backend.dispose();
});

function abilities(channel: string, by?: Principal): Promise<{ outside: ChannelAbilities | null }> {
  return node.call("channel.abilities", { channel }, by);
}

function can(more: Partial<Capabilities>, ...methods: string[]): void {
  const { raven } = node;
  const own = raven.capabilities();
  raven.capabilities = () => ({ ...own, ...more });
  const accepts = async (): Promise<object> => ({ outcome: "accepted", externalIds: [] });
  Object.assign(raven, Object.fromEntries(methods.map((name) => [name, accepts])));
}

test("a channel tells what its network brings to those outside, and whoever may read it may ask", async () => {
  const image = { level: "full", mimeTypes: ["image/png"], maxBytes: 5 } as const;
  can(
    {
      edit: { maxAgeMs: 60_000 },
      delete: {},
      reactions: ["👍"],
      reply: "partial",
      media: { image },
    },
    ...["edit", "delete", "react"],
  );
  await node.connect();
  const reader = {
    ...OPERATOR,
    patterns: { subscribe: ["production.raven.*"], publish: [], manage: [] },
  };
  const channel = await node.open();
  expect(await abilities(channel, reader)).toEqual({
    outside: {
      network: "raven",
      edit: { maxAgeMs: 60_000 },
      delete: { maxAgeMs: null },
      reactions: ["👍"],
      reply: true,
      media: [{ kind: "image", ...image }],
      maxMedia: 1,
    },
  });
  const stranger = { ...reader, accountId: "eve", patterns: { ...reader.patterns, subscribe: [] } };
  await expect(abilities(channel, stranger)).rejects.toMatchObject({ code: "permission_denied" });
});

test("what the connector has no method for or does not declare, those outside never see", async () => {
  can({ edit: {}, reactions: "any", reply: "dropped" }, "delete");
  await node.connect();
  const channel = await node.open();
  const nothing = { edit: null, delete: null, reactions: [], reply: false, media: [] };
  expect((await abilities(channel)).outside).toMatchObject(nothing);
});

test("a channel that names no connection takes the default; one without any, and one inside, say so", async () => {
  const channel = await node.open({ connection: undefined });
  await expect(abilities(channel)).rejects.toMatchObject({ code: "not_found" });
  await node.connect();
  expect((await abilities(channel)).outside?.network).toBe("raven");
  const names = ["production.>", "production.notification.*"];
  const patterns = { ...OPERATOR.patterns, manage: names };
  await node.call("account.save", { id: "june" }, { ...OPERATOR, patterns });
  const inside = await node.open({
    ...{ type: "direct", participants: ["account:june"], connection: undefined },
  });
  expect(await abilities(inside)).toEqual({ outside: null });
  await expect(abilities("production.raven.nowhere")).rejects.toMatchObject({ code: "not_found" });
});
