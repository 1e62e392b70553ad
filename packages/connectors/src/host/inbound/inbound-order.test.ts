import { AnywireError } from "@anywire/types";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  createMemoryBackend,
  eventually,
  type InboundBackend,
  InboundNode,
  type InboundNodeOptions,
} from "./inbound-node.fixture.ts";
import { byRaven, letter } from "./raven.fixture.ts";

let backend: InboundBackend;
let node: InboundNode;

beforeEach(async () => {
  backend = await createMemoryBackend();
});

afterEach(async () => {
  await node.close();
  await backend.dispose();
});

async function begin(options: InboundNodeOptions = {}): Promise<void> {
  node = new InboundNode(backend, options);
  await node.start();
  await node.connect();
}

async function texts(): Promise<(string | undefined)[]> {
  return (await node.messages()).map(({ said }) => said.text);
}

function from(person: string, id: string): ReturnType<typeof letter> {
  return letter(id, { sender: { addresses: [`raven:${person}`] } });
}

// The others behind it were handled up to the 64th entry, and then nobody's for more than an hour.
test("what is stuck for long holds back its own sender, and none of hundreds of others", async () => {
  let isStuck = true;
  await begin({
    settings: { minBackoffMs: 10_000, maxBackoffMs: 10_000 },
    around: async (draft, append) => {
      const fails = draft.kind === "message" && draft.dataJson.includes("letter stuck") && isStuck;
      if (fails) throw new AnywireError("unavailable", "not now");
      return await append();
    },
  });
  await node.inbound.receive("tower", byRaven([from("ann", "stuck")]));
  await node.inbound.receive("tower", byRaven([from("ann", "after it")]));
  for (let i = 0; i < 150; i += 1) {
    await node.inbound.receive("tower", byRaven([from(`p${i}`, `${i}`)]));
  }
  await eventually(async () => expect(await texts()).toHaveLength(150));
  expect(await texts()).not.toContain("letter after it");
  // Whoever takes over knows nothing of what was done already, and does nothing twice.
  isStuck = false;
  await node.close();
  node = new InboundNode(backend);
  await node.start();
  await eventually(async () => expect(await texts()).toHaveLength(152));
  expect((await texts()).slice(150)).toEqual(["letter stuck", "letter after it"]);
});

test("an answer waits for what it answers, by whomever that is, and comes behind it on its channel", async () => {
  await begin();
  const shared = await node.open({ participants: ["raven:ann", "raven:eve"] });
  await node.sendOut(shared, { externalId: "out-1" });
  // What was last said to Eve is elsewhere.
  await node.sendOut(await node.open({ participants: ["raven:eve"] }), { externalId: "out-2" });
  const picture = Promise.withResolvers<void>();
  node.raven.media.set("slow", async () => {
    await picture.promise;
    return { bytes: new Blob(["x"]).stream(), mimeType: "text/plain" };
  });
  const media = [{ kind: "file", ref: "slow" }] as const;
  await node.inbound.receive("tower", byRaven([letter("1", { replyTo: "out-1", media })]));
  const answer = { ...from("eve", "2"), replyTo: "1" };
  await node.inbound.receive("tower", byRaven([answer]));
  const reference = { ...from("eve", "3"), references: ["unknown", "1"] };
  await node.inbound.receive("tower", byRaven([reference]));
  await node.inbound.receive("tower", byRaven([from("bo", "4")]));
  await eventually(async () => expect((await texts()).at(-1)).toBe("letter 4"));
  picture.resolve();
  await eventually(async () => expect(await texts()).toHaveLength(6));
  const [first, ...answers] = (await node.messages(shared)).slice(1);
  expect([first?.said.text, ...answers.map(({ said }) => said.text)]).toEqual([
    ...["letter 1", "letter 2", "letter 3"],
  ]);
  expect(answers[0]?.said.replyTo).toBe(first?.id);
});

test("what never ran since the server was closing is handled after the next start", async () => {
  const isClosing = Promise.withResolvers<void>();
  const isAt = Promise.withResolvers<void>();
  let attempts = 0;
  await begin({
    before: async (draft) => {
      if (!draft.dataJson.includes("letter bad")) return draft;
      attempts += 1;
      if (attempts === 1) throw new AnywireError("function_failed", "later");
      isAt.resolve();
      await isClosing.promise;
      throw new AnywireError("bad_request", "no");
    },
  });
  await node.inbound.receive("tower", byRaven([letter("bad"), letter("good")]));
  await isAt.promise;
  const closing = node.close();
  isClosing.resolve();
  await closing;
  node = new InboundNode(backend);
  await node.start();
  await eventually(async () => expect(await texts()).toEqual(["letter bad", "letter good"]));
});
