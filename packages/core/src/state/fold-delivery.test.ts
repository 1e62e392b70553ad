import type { DeliveryEntry, DeliveryStatus } from "@anywire/types";
import fc from "fast-check";
import { expect, test } from "vitest";
import type {
  DeliveryDocument,
  ExchangeDocument,
  ExternalDocument,
  MessageDocument,
} from "./documents.ts";
import { foldEntry } from "./fold.ts";
import {
  CHANNEL,
  DELIVERY,
  deliveryIndexKey,
  exchangeKey,
  externalKey,
  FALLBACKS,
  messageKey,
  openDeliveries,
  type StateKey,
} from "./state-key.ts";
import { StateBuffer } from "./state-view.ts";

const SMS = "p.sms.one";
const EMPTY = { read: () => undefined, list: () => [] };

const PLAN = {
  id: "d1",
  message: "m1",
  action: "send",
  cause: null,
  participant: "contact:ann",
  address: "phone:+1",
  connection: "main",
  network: "sms",
  expiresAt: 1_000_000,
  fallbackOf: null,
  fallback: null,
} as const;

/** A channel with one message, and what is folded into it; each entry comes a millisecond after the one before. */
class Life {
  readonly buffer = new StateBuffer(EMPTY);
  #offset = 0;

  constructor() {
    const opened = {
      ...{ type: "sms", title: null, avatarUrl: null, connection: null, history: "all", meta: {} },
      ...{ isFixed: true, participants: [{ address: "account:bob", role: "owner" }] },
    };
    this.#fold("opened", "opened", opened);
    this.#fold("message", "m1", { text: "hi" });
  }

  step(data: DeliveryEntry): this {
    this.#fold("delivery", `e${this.#offset}`, data);
    return this;
  }

  get<T>(key: StateKey<T>): T | undefined {
    return this.buffer.get(key);
  }

  delivery(id = "d1"): DeliveryDocument {
    return this.get({ partition: SMS, sort: DELIVERY + id }) as DeliveryDocument;
  }

  /** What a list has now, by its sorts. */
  list(partition: string): string[] {
    return [...this.buffer.writes]
      .filter((one) => one.partition === partition && one.value !== undefined)
      .map(({ sort }) => sort);
  }

  #fold(kind: "opened" | "message" | "delivery", id: string, data: object): void {
    this.#offset += 1;
    const dataJson = JSON.stringify(data);
    const offset = this.#offset;
    foldEntry(this.buffer, {
      ...{ channel: SMS, id, kind, sender: "account:bob", dataJson, offset, at: 1_000 + offset },
    });
  }
}

const queued: DeliveryEntry = { step: "queued", ...PLAN };
const sending: DeliveryEntry = { step: "sending", id: "d1", attempt: 1 };
const sent: DeliveryEntry = { step: "sent", id: "d1", externalIds: ["x1"] };
const failed: DeliveryEntry = {
  step: "failed",
  id: "d1",
  error: { class: "unreachable", reason: "off" },
};
const delivered: DeliveryEntry = { step: "delivered", id: "d1" };
const read: DeliveryEntry = { step: "read", id: "d1" };
const postponed: DeliveryEntry = {
  ...{ step: "postponed", id: "d1", dueAt: 9_000, isAttempt: true },
  error: { class: "network", reason: "no route" },
};
const unconfirmed = (isFinal: boolean): DeliveryEntry => ({
  ...{ step: "unconfirmed", id: "d1", isFinal, reason: "silence" },
});

const RANKS: Readonly<Partial<Record<DeliveryEntry["step"], number>>> = {
  sent: 1,
  delivered: 2,
  read: 3,
};

test("receipts in any order and however often give the same status: the furthest that was told", () => {
  const receipts = fc.array(fc.constantFrom(sent, delivered, read, failed), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(receipts, (told) => {
      const life = new Life().step(queued).step(sending);
      for (const one of told) life.step(one);
      const { status, wasContradicted } = life.delivery();
      const furthest = Math.max(...told.map(({ step }) => RANKS[step] ?? 0));
      const hasFailed = told.includes(failed);
      const names: Readonly<Record<number, DeliveryStatus>> = {
        0: "failed",
        1: hasFailed ? "failed" : "sent",
        2: "delivered",
        3: "read",
      };
      expect(status).toBe(names[furthest]);
      // The network said both that it failed and that it arrived.
      expect(wasContradicted).toBe(hasFailed && furthest >= 2);
    }),
  );
});

const anyStep = fc.constantFrom<DeliveryEntry>(
  queued,
  sending,
  sent,
  failed,
  delivered,
  read,
  postponed,
  unconfirmed(true),
  unconfirmed(false),
  { step: "retried", id: "d1", expiresAt: 2_000_000 },
  { step: "canceled", id: "d1" },
);

/** The lists have the delivery exactly where it belongs, and the message tells of it. */
function expectListed(life: Life, hasFallback: boolean): void {
  const { status, isOpen, error } = life.delivery();
  expect(life.list(openDeliveries("p", "main"))).toHaveLength(isOpen ? 1 : 0);
  const isProblem = status === "failed" || (status === "unconfirmed" && !isOpen);
  expect(life.list("p/problems")).toEqual(isProblem ? ["d1"] : []);
  const mayStandIn = hasFallback && !["delivered", "read", "canceled"].includes(status);
  expect(life.list(FALLBACKS)).toHaveLength(mayStandIn ? 1 : 0);
  const message = life.get(messageKey(SMS, "m1")) as MessageDocument;
  expect(message.deliveries).toMatchObject([{ id: "d1", status, error }]);
}

const rankOf = (status: DeliveryStatus): number => RANKS[status as DeliveryEntry["step"]] ?? 0;

test("whatever steps come in whatever order, the lists say what the deliveries say, and what arrived stays so", () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 20 }), fc.boolean(), (steps, hasFallback) => {
      const fallback = hasFallback ? { connection: "other", at: 5_000 } : null;
      const life = new Life().step({ ...PLAN, step: "queued", fallback });
      for (const one of steps) {
        const before = rankOf(life.delivery().status);
        life.step(one);
        if (before >= 2) expect(rankOf(life.delivery().status)).toBeGreaterThanOrEqual(before);
        expectListed(life, hasFallback);
      }
    }),
  );
});

test("what the network is asked about and never got waits again", () => {
  const life = new Life().step(queued).step(sending).step(unconfirmed(false)).step(postponed);
  expect(life.delivery()).toMatchObject({ status: "queued", isOpen: true, dueAt: 9_000 });
  const given = new Life().step(queued).step(sending).step(unconfirmed(true)).step(postponed);
  expect(given.delivery()).toMatchObject({ status: "unconfirmed", isOpen: false });
});

test("what was called back is not sent by a send that comes a moment later", () => {
  const life = new Life().step(queued).step({ step: "canceled", id: "d1" }).step(sending);
  expect(life.delivery()).toMatchObject({ status: "canceled", isOpen: false });
});

test("a stand-in takes the place of what waits, and only calls that back", () => {
  const standIn: DeliveryEntry = { ...PLAN, step: "queued", id: "d2", fallbackOf: "d1" };
  const fallback = { connection: "other", at: 5_000 };
  const waiting = new Life().step({ ...PLAN, step: "queued", fallback }).step(standIn);
  expect(waiting.delivery()).toMatchObject({ status: "canceled", fallback: null });
  const left = new Life()
    .step({ ...PLAN, step: "queued", fallback })
    .step(sending)
    .step(standIn);
  expect(left.delivery()).toMatchObject({ status: "sending", fallback: null });
  expect(left.list(FALLBACKS)).toEqual([]);
  expect(left.step(postponed).delivery()).toMatchObject({ status: "canceled", isOpen: false });
});

test.each([
  ["consent", 0],
  ["opted_out", 0],
  ["invalid_recipient", 1],
] as const)(
  "after %s, %i other ways are tried: whoever said no is not written to by another",
  (kind, ways) => {
    const fallback = { connection: "other", at: 5_000 };
    const error = { class: kind, reason: "it is so" };
    const life = new Life()
      .step({ ...PLAN, step: "queued", fallback })
      .step({ step: "failed", id: "d1", error });
    expect(life.list(FALLBACKS)).toHaveLength(ways);
  },
);

test("waiting for the network's permission is no attempt", () => {
  const life = new Life()
    .step(queued)
    .step(sending)
    .step({ ...postponed, isAttempt: false } as DeliveryEntry);
  expect(life.delivery().attempts).toBe(0);
});

test("a sender that only the receipt tells is the one whose answers belong there", () => {
  const life = new Life().step(queued).step(sending).step(sent);
  const key = exchangeKey("p", "main", "contact:ann", "+44");
  expect(life.get(key)).toBeUndefined();
  life.step({ ...delivered, from: "+44" } as DeliveryEntry);
  expect(life.get(key)).toMatchObject({ channel: SMS, inboundAt: null });
});

test("a message that tries a connection out takes over no conversation, and stands where there is none", () => {
  const trial = (life: Life) => {
    life.step({ ...PLAN, step: "queued", isTest: true }).step(sending);
    return life.step({ ...sent, from: "+44" } as DeliveryEntry).step(delivered);
  };
  const key = exchangeKey("p", "main", "contact:ann");
  const own = exchangeKey("p", "main", "contact:ann", "+44");
  const others = [
    { channel: "p.sms.other", outboundAt: 5, inboundAt: null },
    { channel: "p.sms.other", outboundAt: null, inboundAt: 5 },
    { channel: "p.sms.other", outboundAt: null, inboundAt: null },
  ];
  for (const other of others) {
    const life = new Life();
    life.buffer.set(key, other);
    trial(life);
    expect(life.get(key)).toEqual(other);
    expect(life.get(own)).toBeUndefined();
    expect(life.get(externalKey("p", "main", "x1"))).toMatchObject({ channel: SMS });
  }
  const alone = { channel: SMS, outboundAt: null, inboundAt: null };
  expect(trial(new Life()).get(key)).toEqual(alone);
});

test.each([
  [["x1", "x2"], ["x2"]],
  [["x2"], ["x1", "x2"]],
])(
  "of %j and %j, which the answer and a receipt name, none is lost, whichever comes first",
  (...named) => {
    const life = new Life().step(queued).step(sending);
    for (const externalIds of named) life.step({ ...sent, externalIds } as DeliveryEntry);
    expect(life.delivery().externalIds).toEqual(["x1", "x2"]);
  },
);

test("what was sent is found by what the network calls it, and decides where an answer belongs", () => {
  const life = new Life()
    .step(queued)
    .step(sending)
    .step({ ...sent, from: "+44" } as DeliveryEntry);
  const place: ExternalDocument = { channel: SMS, message: "m1", delivery: "d1" };
  expect(life.get(externalKey("p", "main", "x1"))).toEqual(place);
  for (const own of [null, "+44"]) {
    const exchange = life.get(exchangeKey("p", "main", "contact:ann", own)) as ExchangeDocument;
    expect(exchange).toMatchObject({ channel: SMS, inboundAt: null });
  }
  expect(life.get(deliveryIndexKey("p", "d1"))).toBe(SMS);
  expect(life.list(SMS)).toContain(CHANNEL);
});
