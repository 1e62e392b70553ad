import { AnywireError } from "@anywire/types";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import type { InboundEvent } from "../../contract/inbound-event.ts";
import type { WebhookRequest } from "../../contract/webhook.ts";
import {
  createMemoryBackend,
  eventually,
  type InboundBackend,
  InboundNode,
  type InboundNodeOptions,
  onlyMessage,
} from "./inbound-node.fixture.ts";
import { byRaven, letter, Raven } from "./raven.fixture.ts";

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

interface Problem {
  readonly offset: number;
  readonly code: string;
  readonly reason: string;
}

async function problems(): Promise<readonly Problem[]> {
  const page = await node.call<{ problems: Problem[] }>("connection.problems", { id: "tower" });
  return page.problems;
}

test("what can't be parsed is a problem with its reason, and what comes after it goes on", async () => {
  await begin();
  await node.inbound.receive("tower", byRaven("<html>Bad gateway</html>"));
  await node.inbound.receive("tower", byRaven([letter("1")]));
  await onlyMessage(node);
  expect(await problems()).toMatchObject([
    { code: "bad_request", reason: expect.stringContaining("Raven can make nothing of it") },
  ]);
  expect(node.errors).toMatchObject([{ code: "bad_request" }]);
});

test("one bad event takes none of the others of its request along", async () => {
  await begin();
  const bad = letter("2", { sender: { addresses: ["no address", "account:bob", "phone:12"] } });
  const long = letter("x".repeat(600));
  await node.inbound.receive("tower", byRaven([letter("1"), bad, long, letter("3")]));
  await eventually(async () => {
    expect((await node.messages()).map(({ said }) => said.text)).toEqual(["letter 1", "letter 3"]);
    expect(await problems()).toHaveLength(1);
  });
});

test.each([
  ['{"events":null}', "its parse gives no list of events"],
  [JSON.stringify([{ type: "message", at: 1 }]), "event 1 of its parse: message: externalId must"],
])("what is no event is a problem at once that says what is wrong: %s", async (body, words) => {
  await begin();
  await node.inbound.receive("tower", byRaven(body));
  await eventually(async () =>
    expect(await problems()).toMatchObject([
      { code: "bad_request", reason: expect.stringContaining(words) },
    ]),
  );
  expect(node.errors).toHaveLength(1);
});

test("one that is no event takes none of the others of its request along", async () => {
  await begin();
  await node.inbound.receive("tower", byRaven(JSON.stringify([letter("1"), null, letter("2")])));
  await eventually(async () => {
    expect((await node.messages()).map(({ said }) => said.text)).toEqual(["letter 1", "letter 2"]);
    expect(await problems()).toMatchObject([{ reason: expect.stringContaining("event 2 of") }]);
  });
});

test("a request that its connector never ends with is a problem, and holds nobody up for longer than it may", async () => {
  class Dreamer extends Raven {
    override parse(request: WebhookRequest): Promise<readonly InboundEvent[]> {
      const text = new TextDecoder().decode(request.body);
      return text.includes("letter 1") ? new Promise(() => {}) : super.parse(request);
    }
  }
  await begin({ raven: new Dreamer(), settings: { parseTimeoutMs: 50 } });
  await node.inbound.receive("tower", byRaven([letter("1")]));
  await node.inbound.receive("tower", byRaven([letter("2")]));
  expect((await onlyMessage(node)).said.text).toBe("letter 2");
  expect(await problems()).toMatchObject([
    { code: "bad_request", reason: expect.stringContaining("not done with it after 50 ms") },
  ]);
});

test("what is wrong with a request is told in words, also where a check of zod's found it", async () => {
  class Strict extends Raven {
    override async parse(): Promise<readonly InboundEvent[]> {
      z.object({ envelope: z.object({ source: z.string() }) }).parse({ envelope: {} });
      return [];
    }
  }
  await begin({ raven: new Strict() });
  await node.inbound.receive("tower", byRaven([letter("1")]));
  await eventually(async () => {
    const [problem] = await problems();
    expect(problem?.reason).toBe("Raven can make nothing of it: envelope.source: is missing");
  });
});

test("an event of a kind that is not known yet is passed over", async () => {
  await begin();
  const event = JSON.stringify([{ type: "tomorrow", at: 1 }]);
  await node.inbound.receive("tower", byRaven(event));
  await eventually(() => expect(node.events).toContain("tomorrow ignored"));
  expect(await problems()).toEqual([]);
});

test.each([
  ["function_failed", 3],
  // An outage lasts for longer than whatever is the fault of one request.
  ["unavailable", 12],
] as const)(
  "what fails for a while with %s is tried again until it works, and nothing overtakes it",
  async (code, times) => {
    let failures: number = times;
    await begin({
      before: (draft) => {
        if (failures > 0) {
          failures -= 1;
          throw new AnywireError(code, "not yet");
        }
        return draft;
      },
    });
    await node.inbound.receive("tower", byRaven([letter("1"), letter("2")]));
    await eventually(async () => {
      expect((await node.messages()).map(({ said }) => said.text)).toEqual([
        "letter 1",
        "letter 2",
      ]);
    });
    expect(await problems()).toEqual([]);
  },
);

test("what fails again and again becomes a problem; replayed once the cause is gone, it is none", async () => {
  let isBroken = true;
  await begin({
    settings: { maxAttempts: 3 },
    before: (draft) => {
      if (isBroken) throw new AnywireError("function_failed", "the function is broken");
      return draft;
    },
  });
  await node.inbound.receive("tower", byRaven([letter("1")]));
  const [problem] = await eventually(async () => {
    const found = await problems();
    expect(found).toMatchObject([{ code: "function_failed", reason: "the function is broken" }]);
    return found;
  });
  const replay = { id: "tower", offset: problem?.offset };
  await expect(node.call("connection.replay", replay)).rejects.toMatchObject({
    code: "function_failed",
  });
  expect(await problems()).toHaveLength(1);
  isBroken = false;
  await node.call("connection.replay", replay);
  expect((await onlyMessage(node)).said.text).toBe("letter 1");
  expect(await problems()).toEqual([]);
  await expect(node.call("connection.replay", { ...replay, offset: 1 })).rejects.toMatchObject({
    code: "not_found",
  });
});

test("what a function refuses is a problem that names the reason, at once", async () => {
  await begin({
    before: () => {
      throw new AnywireError("function_aborted", "no ravens on Sundays");
    },
  });
  await node.inbound.receive("tower", byRaven([letter("1", { text: "STOP" })]));
  await eventually(async () => {
    expect(await problems()).toMatchObject([
      { code: "function_aborted", reason: "no ravens on Sundays" },
    ]);
  });
  // What the person wishes holds all the same.
  expect(await node.entries("production.contact.*", "consent")).toHaveLength(1);
});

test("media come along; what can't be fetched or lies about what it is becomes a note, never a lost message", async () => {
  await begin();
  const bytes = new Uint8Array([0xff, 1, 2]);
  const picture = { kind: "image", ref: "", bytes, mimeType: "image/jpeg" } as const;
  node.raven.parse = async () => [
    letter("1", {
      media: [
        picture,
        { kind: "file", ref: "scroll", name: "a\nscroll.txt" },
        { kind: "image", ref: "lie", mimeType: "image/jpeg", name: "lie.jpg" },
        { kind: "video", ref: "gone" },
      ],
    }),
  ];
  const give = (text: string) => async () => ({
    bytes: new Blob([text]).stream(),
    mimeType: "image/jpeg",
  });
  node.raven.media.set("scroll", give("words"));
  node.raven.media.set("lie", give("<script>"));
  await node.inbound.receive("tower", byRaven([]));
  const { said } = await onlyMessage(node);
  expect(said.text).toBe("letter 1");
  expect(said.parts).toMatchObject([
    { type: "image", sizeBytes: 3 },
    { type: "file", name: "a scroll.txt", sizeBytes: 5 },
    {
      type: "text",
      text: expect.stringMatching(/picture \(lie\.jpg\).*no image\/jpeg.*\n.*video/),
    },
  ]);
  expect(said.meta).toMatchObject({
    missingMedia: [{ kind: "image", name: "lie.jpg" }, { kind: "video" }],
  });
});

/** Symptom: what a network said a file is called was kept as it came, and an upload by that name would have been refused. */
test("a file from outside has a name that a file may have, whoever gave it", async () => {
  const named: string[] = [];
  await begin({
    storeMedia: async (media, { name = "" }) => {
      named.push(`${media.name ?? "-"} ${name}`);
      return { type: "text", text: "kept" };
    },
  });
  const fetched = async (name?: string) => ({
    bytes: new Blob(["x"]).stream() as ReadableStream<Uint8Array>,
    ...(name === undefined ? {} : { name }),
  });
  node.raven.media.set("one", () => fetched("..\\bill\u202efdp.exe\r\nX: 1"));
  node.raven.media.set("two", () => fetched());
  const media = [
    { kind: "file", ref: "one", name: "bill.pdf" },
    { kind: "file", ref: "two", name: "../\u2066etc/passwd" },
  ] as const;
  await node.inbound.receive("tower", byRaven([letter("1", { media })]));
  await onlyMessage(node);
  expect(named).toEqual(["- .._billfdp.exe X: 1", "- .._etc_passwd"]);
});

test("media that come a little later, and a store that is away for a while, leave no message without them", async () => {
  let failures = 5;
  await begin({
    storeMedia: async ({ bytes }) => {
      failures -= 1;
      if (failures >= 0) throw new AnywireError("unavailable", "the store is away");
      const { byteLength: sizeBytes } = await new Response(bytes).arrayBuffer();
      return { type: "file", url: "https://example.org/1", sizeBytes };
    },
  });
  let isThere = false;
  node.raven.media.set("late", async () => {
    if (isThere) return { bytes: new Blob(["words"]).stream() };
    isThere = true;
    throw new Error("not yet");
  });
  const event = letter("1", { media: [{ kind: "file", ref: "late" }] });
  await node.inbound.receive("tower", byRaven([event]));
  const { said } = await onlyMessage(node);
  expect(said.parts).toMatchObject([{ type: "file", sizeBytes: 5 }]);
  expect(said.meta).toBeUndefined();
});

test("media that never end are given up, and their message comes without them", async () => {
  await begin({ settings: { mediaTimeoutMs: 50 } });
  node.raven.media.set("drip", async () => ({ bytes: new ReadableStream() }));
  const event = letter("1", { media: [{ kind: "file", ref: "drip" }] });
  await node.inbound.receive("tower", byRaven([event]));
  const { said } = await onlyMessage(node);
  expect(said.meta).toMatchObject({ missingMedia: [{ kind: "file" }] });
});

test("a text that is too long is cut, and is whole in an attachment", async () => {
  await begin();
  const text = "🪶".repeat(10_000);
  await node.inbound.receive("tower", byRaven([letter("1", { text, meta: { subject: "Long" } })]));
  const { said } = await onlyMessage(node);
  expect(said.parts).toMatchObject([{ type: "file", name: "message.txt", sizeBytes: 40_000 }]);
  expect(said.text?.endsWith("🪶…")).toBe(true);
});

test("a message of nothing, of a place, and of broken characters all say something", async () => {
  await begin();
  const { text: _, ...silent } = letter("1");
  const location = { latitude: 51.5, longitude: -0.1, label: "The Tower" };
  const nowhere = { latitude: 512, longitude: 0 };
  await node.inbound.receive(
    "tower",
    byRaven([
      silent,
      { ...silent, externalId: "2", location },
      { ...silent, externalId: "3", location: nowhere },
      letter("4", { text: "half \ud83e", meta: { "": 1, kind: "broken" } }),
    ]),
  );
  const messages = await eventually(async () => {
    const found = await node.messages();
    expect(found).toHaveLength(4);
    return found;
  });
  expect(messages.map(({ said }) => said)).toEqual([
    { text: "(nothing)" },
    { parts: [{ type: "location", ...location }] },
    { parts: [{ type: "text", text: "Location: 512, 0" }] },
    { text: "half \ufffd", meta: { kind: "broken" } },
  ]);
});
