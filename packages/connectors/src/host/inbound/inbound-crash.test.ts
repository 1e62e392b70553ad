import { type Appended, contactKey, type EntryDraft } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import { expect, test } from "vitest";
import { describeOnEngines, eventually, InboundNode } from "./inbound-node.fixture.ts";
import { byRaven, letter } from "./raven.fixture.ts";

const both = { addresses: ["raven:ann", "raven:anna"], name: "Ann" };

/** What a node is given to handle: a contact to make, to merge and to name, a wish, a thread, a change. */
const EVENTS = [
  letter("1", { sender: { addresses: ["raven:anna"] } }),
  letter("2", { sender: { addresses: ["raven:ann"] } }),
  letter("3", { sender: both, text: "stop" }),
  letter("4", { sender: both, thread: "new" }),
  { type: "edit", externalId: "4", sender: both, at: 1, text: "changed" } as const,
  letter("5", { sender: both }),
];

/** A process that dies at its `n`th append once it is armed: before it is stored, or before anybody hears that it is. */
class Death {
  isArmed = false;
  isDead = false;
  appends = 0;
  readonly #n: number;
  readonly #isStored: boolean;

  constructor(n: number, isStored: boolean) {
    this.#n = n;
    this.#isStored = isStored;
  }

  readonly around = async (_: EntryDraft, append: () => Promise<Appended>): Promise<Appended> => {
    if (this.isDead) throw gone();
    if (!this.isArmed) return await append();
    this.appends += 1;
    if (this.appends !== this.#n) return await append();
    this.isDead = true;
    if (this.#isStored) await append();
    throw gone();
  };
}

function gone(): AnywireError {
  return new AnywireError("unavailable", "the process is dead");
}

async function expectOnce(node: InboundNode): Promise<void> {
  await eventually(async () => {
    const edits = await node.entries("production.>", "edit");
    expect([(await node.messages()).length, edits.length]).toEqual([5, 1]);
  });
  const messages = await node.messages();
  expect(messages.map(({ said }) => said.text).sort()).toEqual([
    ...["letter 1", "letter 2", "letter 4", "letter 5", "stop"],
  ]);
  const decisions = await node.entries("production.connection.tower", "inbound");
  const decided = decisions.map(({ dataJson }) => JSON.parse(dataJson) as Record<string, unknown>);
  expect(decided.map(({ step }) => step)).toEqual(Array(5).fill("routed"));
  for (const { id, channel } of messages) {
    expect(decided).toContainEqual(expect.objectContaining({ message: id, channel }));
  }
  const owner = { contacts: [{ name: "Ann", addresses: [{}, {}] }] };
  expect(await node.call("contact.list", { address: "raven:anna" })).toMatchObject(owner);
  expect(await node.call("contact.list", { address: "raven:ann" })).toMatchObject(owner);
  // One wish for each of the two addresses by which the network knows her.
  expect(await node.entries("production.contact.*", "consent")).toHaveLength(2);
  for (const { channel } of await node.entries("production.contact.*", "contact")) {
    expect(await node.get(contactKey(channel))).toBeDefined();
  }
}

/** On SQLite nodes take seconds to begin and end: a few places will do, since the steps are the same. */
const EVERY = { memory: 1, sqlite: 8 } as const;

describeOnEngines("a process that dies while it handles what came in", (createBackend, engine) => {
  async function run(n: number, isStored: boolean): Promise<number> {
    const backend = await createBackend();
    const death = new Death(n, isStored);
    const first = new InboundNode(backend, {
      around: death.around,
      settings: { maxAttempts: 1e6 },
    });
    await first.start({ handles: false });
    await first.connect();
    for (const event of EVENTS) await first.inbound.receive("tower", byRaven([event]));
    death.isArmed = true;
    await first.inbound.start();
    if (n === 0) {
      await expectOnce(first);
    } else {
      await eventually(() => expect(death.isDead).toBe(true));
      const second = new InboundNode(backend);
      // As after a crash: nobody has handed anything over in good order.
      await first.close();
      await second.start();
      await expectOnce(second);
      await second.close();
    }
    await first.close();
    await backend.dispose();
    return death.appends;
  }

  test("leaves each message exactly once, in exactly one channel, wherever it dies", {
    timeout: 120_000,
  }, async () => {
    const appends = await run(0, false);
    expect(appends).toBeGreaterThan(15);
    const every = EVERY[engine];
    for (let n = 1; n <= appends; n += every) {
      await run(n, true);
      if (every === 1) await run(n, false);
    }
  });
});
