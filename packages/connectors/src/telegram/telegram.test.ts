import { describeConnector } from "@anywire/testkit";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Fault } from "../contract/simulator.ts";
import type { WebhookRequest } from "../contract/webhook.ts";
import { Faults } from "../simulator/faults.ts";
import { json, startNetworkServer } from "../simulator/network-server.ts";
import {
  attachment,
  changeOf,
  contentOf,
  jobFor,
  type NetworkUnderTest,
  patienceWith,
  startNetwork,
} from "../wire/network-under-test.fixture.ts";
import { telegram } from "./telegram.ts";
import type { TelegramSettings } from "./telegram-settings.ts";
import { TELEGRAM_LOST_PERSONS } from "./telegram-simulator.ts";

const ANN = "telegram:700100200";
const PERSON = "700100200";

describeConnector(telegram);

describe("by long polling", () => {
  describeConnector(telegram, { settings: { mode: "polling" } });
});

describe("sending to Telegram", () => {
  const outcomes: readonly (readonly [Fault, object, number])[] = [
    [
      { kind: "rate_limit", retryAfterMs: 7000, times: 1 },
      { outcome: "rejected", class: "rate_limited", retryAfterMs: 7000 },
      0,
    ],
    [{ kind: "server_error", times: 1 }, { outcome: "unknown" }, 0],
    [{ kind: "html", times: 1 }, { outcome: "unknown" }, 0],
    [{ kind: "accept_then_hang", times: 1 }, { outcome: "unknown" }, 1],
    [{ kind: "accept_then_close", times: 1 }, { outcome: "unknown" }, 1],
  ];
  test.each(outcomes)("%j has the outcome %j", async (fault, outcome, accepted) => {
    const { simulator, context } = await startNetwork(telegram);
    simulator.inject(fault);
    const job = jobFor(ANN, "hello", { signal: patienceWith(fault, simulator) });
    expect(await telegram.send(job, context)).toMatchObject(outcome);
    expect(simulator.accepted).toBe(accepted);
  });

  test("a network that can't be reached is no reason to give a message up", async () => {
    const { simulator, context } = await startNetwork(telegram);
    await simulator.close();
    const result = await telegram.send(jobFor(ANN, "hello"), context);
    expect(result).toMatchObject({ outcome: "rejected", class: "network", code: "ECONNREFUSED" });
    expect(JSON.stringify(result)).not.toContain(simulator.secrets["botToken"]);
  });

  test("whoever blocked the bot wants no more, and is suppressed", async () => {
    const { context } = await startNetwork(telegram);
    const to = `telegram:${TELEGRAM_LOST_PERSONS.blocked}`;
    expect(await telegram.send(jobFor(to, "hello"), context)).toMatchObject({
      outcome: "rejected",
      class: "opted_out",
      suppressAddress: true,
    });
  });

  test("an account that is gone is unreachable, and no wish of anybody", async () => {
    const { context } = await startNetwork(telegram);
    const to = `telegram:${TELEGRAM_LOST_PERSONS.deactivated}`;
    const result = await telegram.send(jobFor(to, "hello"), context);
    expect(result).toMatchObject({ outcome: "rejected", class: "unreachable" });
    expect(result).not.toHaveProperty("suppressAddress");
  });

  test("a person who never wrote, and a name, are no recipients", async () => {
    const { simulator, context } = await startNetwork(telegram);
    for (const to of ["telegram:999", "telegram:ann_ray"]) {
      const result = await telegram.send(jobFor(to, "hello"), context);
      expect(result).toMatchObject({ outcome: "rejected", class: "invalid_recipient" });
    }
    expect(simulator.accepted).toBe(0);
  });

  test("a long text goes before its picture, a short one under it", async () => {
    const { simulator, context } = await startNetwork(telegram);
    const media = attachment("dot.png", "image/png", Buffer.from("png"));
    for (const text of ["short", "l".repeat(1025)]) {
      const job = jobFor(ANN, text, { content: contentOf(text, { media }) });
      const result = await telegram.send(job, context);
      expect(result).toMatchObject({ outcome: "accepted" });
    }
    const shown = simulator.handset
      .messages(PERSON)
      .map(({ text, media }) => [text.length, media.length]);
    expect(shown).toEqual([
      [5, 1],
      [1025, 0],
      [0, 1],
    ]);
  });

  test("when only the first part arrives nobody sends it again", async () => {
    const { simulator, context } = await startNetwork(telegram);
    const media = [
      ...attachment("a.png", "image/png", Buffer.from("a")),
      ...attachment("b.svg", "image/svg+xml", Buffer.from("")),
    ];
    const text = "t".repeat(1025);
    const location = { type: "location", latitude: 91, longitude: 0 } as const;
    const [first] = media;
    if (first === undefined) throw new Error("there is no first");
    const lost = { part: { ...first.part, url: "nothing" }, source: undefined };
    const content = contentOf(text, { media: [lost], location });
    expect(await telegram.send(jobFor(ANN, text, { content }), context)).toMatchObject({
      outcome: "unknown",
      reason: expect.stringContaining("the first 1 of 3 parts arrived"),
    });
    expect(simulator.accepted).toBe(1);
  });

  test("an attachment that can't be read is told before anything is sent", async () => {
    const { simulator, context } = await startNetwork(telegram);
    const [part] = attachment("a.png", "image/png", Buffer.from("a"));
    if (part?.source === undefined) throw new Error("there is no source");
    const open = (): Promise<never> => Promise.reject(new Error("gone"));
    const media = [{ ...part, source: { ...part.source, open } }];
    const job = jobFor(ANN, "look", { content: contentOf("look", { media }) });
    expect(await telegram.send(job, context)).toMatchObject({
      outcome: "rejected",
      class: "content_rejected",
    });
    expect(simulator.accepted).toBe(0);
  });

  test("a file's name can't add a header", async () => {
    const { simulator, context } = await startNetwork(telegram);
    const name = 'a"\r\nx: y;.pdf';
    const media = attachment(name, "application/pdf", Buffer.from("%PDF"));
    const job = jobFor(ANN, "", { content: contentOf("", { media }) });
    expect(await telegram.send(job, context)).toMatchObject({ outcome: "accepted" });
    const [shown] = simulator.handset.messages(PERSON);
    expect(shown?.media[0]?.name).toBe("a___x: y_.pdf");
  });

  test("a place with a name is shown with its name", async () => {
    const { simulator, context } = await startNetwork(telegram);
    const location = { type: "location", latitude: 52.5, longitude: 13.4, label: "Shop" } as const;
    const job = jobFor(ANN, "", { content: contentOf("", { location }) });
    expect(await telegram.send(job, context)).toMatchObject({ outcome: "accepted" });
    expect(simulator.handset.messages(PERSON)[0]?.text).toBe("Shop 52.5, 13.4");
  });
});

describe("changing what was sent to Telegram", () => {
  test("what is so already is no failure", async () => {
    const { context } = await startNetwork(telegram);
    const job = jobFor(ANN, "hello");
    const sent = await telegram.send(job, context);
    if (sent.outcome !== "accepted") throw new Error("it was not taken");
    const same = changeOf(job, sent.externalIds, "hello");
    expect(await telegram.edit(same, context)).toMatchObject({ outcome: "accepted" });
    for (let times = 0; times < 2; times += 1) {
      expect(await telegram.delete(same, context)).toMatchObject({ outcome: "accepted" });
    }
  });

  test("a mark that Telegram has not is told as such", async () => {
    const { context } = await startNetwork(telegram);
    const job = jobFor(ANN, "hello");
    const sent = await telegram.send(job, context);
    if (sent.outcome !== "accepted") throw new Error("it was not taken");
    const mark = { ...changeOf(job, sent.externalIds), emoji: "🦖", action: "add" } as const;
    expect(await telegram.react(mark, context)).toMatchObject({ class: "unsupported" });
  });
});

describe("what Telegram brings", () => {
  test("a secret that differs in one character is refused", async () => {
    const [fixture] = (await telegram.fixtures?.()) ?? [];
    if (fixture === undefined) throw new Error("there is no fixture");
    const { request, secrets } = fixture;
    const secret = secrets["webhookSecret"] ?? "";
    const header = "x-telegram-bot-api-secret-token";
    const { context } = await startNetwork(telegram);
    const known = { ...context, secrets: { webhookSecret: [secret] } };
    fc.assert(
      fc.property(
        fc.nat(secret.length - 1),
        fc.string({ minLength: 1, maxLength: 3 }),
        (at, by) => {
          const changed = secret.slice(0, at) + by + secret.slice(at + 1);
          const asked: WebhookRequest = {
            ...request,
            headers: { [header]: changed },
            body: Buffer.from(request.body),
          };
          expect(telegram.verify(asked, known)).toMatchObject({ isGenuine: changed === secret });
        },
      ),
    );
  });

  test("a file's place tells no token, whatever goes wrong", async () => {
    const { simulator, context } = await startNetwork(telegram);
    const token = simulator.secrets["botToken"] ?? "";
    const ask = (at: typeof context): Promise<unknown> =>
      telegram
        .fetchMedia({ kind: "file", ref: "nothing" }, at, AbortSignal.timeout(15_000))
        .catch((error: unknown) => error);
    // One that names a place, at which nothing is.
    const server = await startNetworkServer(
      ({ path }) => {
        if (!path.endsWith("/getFile")) return { status: 404, body: "" };
        return json({ ok: true, result: { file_path: "photos/file_1.jpg" } });
      },
      new Faults(),
      { isSend: () => false, rateLimited: () => json({}), serverError: () => json({}) },
    );
    onTestFinished(() => server.close());
    const settings = { ...context.settings, baseUrl: server.url };
    const errors = [await ask(context), await ask({ ...context, settings })];
    await simulator.close();
    errors.push(await ask(context));
    expect(errors).toMatchObject([
      { code: "not_found" },
      { code: "unavailable", message: expect.stringContaining("404") },
      { code: "unavailable" },
    ]);
    for (const error of errors) {
      const { message, cause } = error as Error;
      expect(JSON.stringify([message, cause])).not.toContain(token);
    }
  });
});

describe("Telegram asked by long polling", () => {
  async function polled(): Promise<NetworkUnderTest<TelegramSettings>> {
    const network = await startNetwork(telegram, { mode: "polling" });
    await telegram.install(network.context, AbortSignal.timeout(15_000));
    return network;
  }

  test("an update is forgotten only once it is durable", async () => {
    const { simulator, context } = await polled();
    for (const text of ["one", "two"]) await simulator.handset.write(PERSON, { text });
    await simulator.idle();
    const got: string[] = [];
    let cursor: string | undefined;
    let isBroken = true;
    const receiver = {
      async receive({ body }: WebhookRequest) {
        const { text } = JSON.parse(Buffer.from(body).toString()).message;
        if (text === "two" && isBroken) throw new Error("the disk is full");
        got.push(text);
      },
      loadCursor: async () => cursor,
      saveCursor: async (saved: string) => {
        cursor = saved;
      },
    };
    const never = new AbortController().signal;
    await expect(telegram.listen(context, receiver, never)).rejects.toThrow("the disk is full");
    expect(got).toEqual(["one"]);
    isBroken = false;
    const end = new AbortController();
    const listening = telegram.listen(context, receiver, end.signal);
    await simulator.handset.write(PERSON, { text: "three" });
    await expect.poll(() => got, { timeout: 15_000 }).toEqual(["one", "two", "three"]);
    end.abort();
    await listening;
  });

  test("a bot does not go on where another one stopped", async () => {
    const { simulator, context } = await polled();
    await simulator.handset.write(PERSON, { text: "hello" });
    await simulator.idle();
    const end = new AbortController();
    const got: WebhookRequest[] = [];
    const receiver = {
      async receive(request: WebhookRequest) {
        got.push(request);
        end.abort();
      },
      loadCursor: async () => "12345:99999999",
      saveCursor: async () => undefined,
    };
    await telegram.listen(context, receiver, end.signal);
    expect(got).toHaveLength(1);
    expect(await telegram.parse(got[0] as WebhookRequest, context)).toMatchObject([
      { type: "message", text: "hello" },
    ]);
  });

  test("where webhooks are made it rests until it is stopped", async () => {
    const { context } = await startNetwork(telegram);
    const end = new AbortController();
    const receiver = {
      receive: () => Promise.reject(new Error("nothing is asked for")),
      loadCursor: async () => undefined,
      saveCursor: async () => undefined,
    };
    const listening = telegram.listen(context, receiver, end.signal);
    end.abort();
    await expect(listening).resolves.toBeUndefined();
  });
});

describe("the health of a connection to Telegram", () => {
  test("a webhook that leads elsewhere is told", async () => {
    const { context } = await startNetwork(telegram);
    const signal = AbortSignal.timeout(15_000);
    const moved = { ...context, webhookUrl: "https://elsewhere.example.org/" };
    expect(await telegram.health(moved, signal)).toMatchObject({ state: "degraded" });
    await telegram.install(moved, signal);
    expect(await telegram.health(moved, signal)).toMatchObject({ state: "ok", reason: null });
  });

  test("a token that does not hold needs a person", async () => {
    const { context } = await startNetwork(telegram);
    const secrets = { ...context.secrets, botToken: ["1:wrong"] };
    const health = await telegram.health({ ...context, secrets }, AbortSignal.timeout(15_000));
    expect(health).toMatchObject({ state: "down", humanAction: "relogin" });
  });
});
