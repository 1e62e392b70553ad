import { randomBytes, randomInt } from "node:crypto";
import type {
  CreateSimulator,
  Handset,
  HandsetDraft,
  HandsetMessage,
  SimulatorOptions,
} from "../contract/simulator.ts";
import {
  Faults,
  guessMedia,
  HandsetStore,
  json,
  LinkedMedia,
  type NetworkAnswer,
  type NetworkRequest,
  SHARED_FAULTS,
  type ShownMedia,
  startNetworkServer,
} from "../simulator/index.ts";
import { WHATSAPP_WINDOW_MS } from "./whatsapp-policy.ts";
import {
  mediaOf,
  metaRefusal,
  readRequest,
  type TakenMessage,
  textOf,
} from "./whatsapp-simulator-api.ts";
import { WhatsappSimulatorMedia } from "./whatsapp-simulator-media.ts";
import { WhatsappWebhooks } from "./whatsapp-simulator-webhooks.ts";

const BUSINESS = "+15550783881";
const E164 = /^\+[1-9]\d{6,14}$/;

/**
 * Starts a fake of WhatsApp's Cloud API with one business number. Persons are known by their phone numbers; Meta knows each by an id,
 * which changes when the number does. A message with an id in `to` is answered as if it was taken, and dropped, as Meta does.
 */
export const createWhatsappSimulator: CreateSimulator = async (options) => {
  const faults = new Faults();
  const network = new WhatsappNetwork(options, faults);
  const server = await startNetworkServer((request) => network.handle(request), faults, {
    isSend: ({ method, path, body }) =>
      method === "POST" && path.endsWith("/messages") && !isReadMark(body),
    rateLimited: (retryAfterMs) =>
      metaRefusal(130429, 429, { "retry-after": String(Math.ceil(retryAfterMs / 1000)) }),
    serverError: () => metaRefusal(131000, 500),
  });
  network.media.open(server.url);
  return {
    settings: { phoneNumberId: network.phoneNumberId, baseUrl: server.url },
    secrets: network.secrets,
    handset: network.handset(),
    get accepted() {
      return network.accepted;
    },
    faults: [...SHARED_FAULTS, "fail_later"],
    inject: (fault) => faults.inject(fault),
    idle: () => network.idle(),
    async close() {
      await network.close();
      await server.close();
    },
  };
};

/** One business number as Meta sees it. */
class WhatsappNetwork {
  readonly phoneNumberId = String(randomInt(1e14, 2 ** 48 - 1));
  readonly secrets = { accessToken: `EAA${hex()}`, appSecret: hex(), verifyToken: hex() };
  readonly media = new WhatsappSimulatorMedia();
  accepted = 0;
  readonly #options: SimulatorOptions;
  readonly #faults: Faults;
  readonly #webhooks: WhatsappWebhooks;
  readonly #store = new HandsetStore();
  readonly #linked = new LinkedMedia();
  readonly #wroteAt = new Map<string, number>();
  /** What a delivery gave along, by the message's id. */
  readonly #callbackData = new Map<string, string>();

  constructor(options: SimulatorOptions, faults: Faults) {
    this.#options = options;
    this.#faults = faults;
    const { phoneNumberId, secrets } = this;
    this.#webhooks = new WhatsappWebhooks(options, faults, {
      phoneNumberId,
      business: BUSINESS,
      appSecret: secrets.appSecret,
    });
  }

  async idle(): Promise<void> {
    await this.#linked.idle();
    await this.#webhooks.idle();
  }

  async close(): Promise<void> {
    await this.#linked.close();
    await this.#webhooks.close();
  }

  handle(request: NetworkRequest): NetworkAnswer {
    const shown = this.media.onScreen(request.path);
    if (shown !== undefined) return shown;
    if (request.headers["authorization"] !== `Bearer ${this.secrets.accessToken}`) {
      return metaRefusal(190, 401);
    }
    const [, target, edge] = /^\/v\d+\.\d+\/(\d+)(?:\/(\w+))?$/.exec(request.path) ?? [];
    if (target === undefined) return this.media.download(request) ?? metaRefusal(100, 404);
    if (request.method === "GET" && edge === undefined) return this.#describe(target);
    if (request.method !== "POST" || target !== this.phoneNumberId) return metaRefusal(100, 400);
    if (edge === "media") return this.media.upload(request);
    return edge === "messages" ? this.#take(request) : metaRefusal(100, 400);
  }

  handset(): Handset {
    const store = this.#store;
    return {
      identity: { label: "a phone number", example: "+447700900123" },
      business: BUSINESS,
      persons: () => store.persons(),
      messages: (person) => store.messages(person),
      write: async (person, draft) => this.#write(numberOf(person), draft),
      read: async (person) => this.#read(numberOf(person)),
      react: async (person, messageId, emoji) => this.#react(numberOf(person), messageId, emoji),
      changeIdentity: async (person, to) => this.#changeIdentity(numberOf(person), numberOf(to)),
      onChange: (listener) => store.onChange(listener),
    };
  }

  #describe(target: string): NetworkAnswer {
    if (target !== this.phoneNumberId) return this.media.describe(target);
    return json({ id: target, status: "CONNECTED", quality_rating: "GREEN" });
  }

  #take(request: NetworkRequest): NetworkAnswer {
    const asked = readRequest(jsonOf(request.body));
    if (typeof asked === "number") return metaRefusal(asked, 400);
    if ("readId" in asked) return this.#markRead(asked.readId);
    const { message } = asked;
    const id = wamid();
    const { to, recipient } = message;
    // Meta says that it has it, and nobody ever gets it.
    if (to !== undefined && /^[A-Z]{2}\./.test(to)) return answer(to, undefined, id);
    const person =
      to === undefined ? this.#webhooks.numberOf(recipient ?? "") : `+${to.replace(/\D/g, "")}`;
    if (person === undefined || !E164.test(person)) return metaRefusal(131009, 400);
    if (message.type === "reaction") return this.#mark(message, person, id);
    const media = this.#mediaOf(message);
    if (media === "missing") return metaRefusal(131053, 400);
    this.#deliver(message, person, id, media);
    return answer(to ?? recipient ?? "", person, id);
  }

  #mark(
    { reaction }: Extract<TakenMessage, { type: "reaction" }>,
    person: string,
    id: string,
  ): NetworkAnswer {
    const { message_id, emoji } = reaction;
    if (this.#store.find(message_id)?.person !== person) return metaRefusal(131009, 400);
    this.#store.change(message_id, { reaction: emoji === "" ? undefined : emoji });
    this.accepted += 1;
    return answer(person, person, id);
  }

  #mediaOf(message: TakenMessage): readonly ShownMedia[] | "missing" {
    const given = mediaOf(message);
    if (given === undefined) return [];
    if (given.link !== undefined) return guessMedia([given.link]);
    const shown = this.media.shown(given.id ?? "", given.filename);
    return shown === undefined ? "missing" : [shown];
  }

  #deliver(message: TakenMessage, person: string, id: string, media: readonly ShownMedia[]): void {
    this.accepted += 1;
    const code = this.#laterFault(message, person);
    const { biz_opaque_callback_data: data, context } = message;
    if (data !== undefined) this.#callbackData.set(id, data);
    this.#store.add({
      id,
      person,
      direction: "in",
      business: BUSINESS,
      text: textOf(message),
      media,
      at: Date.now(),
      status: code === undefined ? "delivered" : "failed",
      ...(context === undefined ? {} : { replyTo: context.message_id }),
    });
    const link = mediaOf(message)?.link;
    this.#linked.lookUp(link === undefined ? [] : [link], (seen) => {
      if (seen === undefined) this.#store.change(id, { status: "failed" });
      else if (seen.length > 0) this.#store.change(id, { media: seen });
      this.#report(id, person, code ?? (seen === undefined ? 131052 : undefined));
    });
  }

  /** Why a message that was taken is not delivered. */
  #laterFault({ type, recipient }: TakenMessage, person: string): number | undefined {
    if (this.#faults.take("fail_later") !== undefined) return 131026;
    // Whoever knows a person's id has it from them: they wrote before this simulator began.
    const unknownAt = recipient === undefined ? 0 : Date.now();
    const wroteAt = this.#wroteAt.get(person) ?? unknownAt;
    return type === "template" || Date.now() - wroteAt <= WHATSAPP_WINDOW_MS ? undefined : 131047;
  }

  #report(id: string, person: string, code: number | undefined): void {
    const { receiptDelayMs = 0, readsAtOnce = false } = this.#options;
    if (code !== undefined) {
      this.#status(id, person, "failed", receiptDelayMs, code);
      return;
    }
    this.#status(id, person, "sent", receiptDelayMs);
    this.#status(id, person, "delivered", 2 * receiptDelayMs);
    if (readsAtOnce) this.#seen(id, person, 3 * receiptDelayMs);
  }

  #status(id: string, person: string, status: string, delayMs: number, code?: number): void {
    this.#webhooks.status({ id, person, status, code, data: this.#callbackData.get(id) }, delayMs);
  }

  #seen(id: string, person: string, delayMs: number): void {
    this.#store.change(id, { status: "read" });
    this.#status(id, person, "read", delayMs);
  }

  /** What a person wrote up to that message is read. */
  #markRead(id: string): NetworkAnswer {
    const message = this.#store.find(id);
    if (message === undefined) return metaRefusal(131009, 400);
    for (const one of this.#store.messages(message.person)) {
      if (one.direction === "out" && one.status === "delivered")
        this.#store.change(one.id, { status: "read" });
      if (one.id === id) break;
    }
    return json({ success: true });
  }

  #write(person: string, draft: HandsetDraft): HandsetMessage {
    const id = wamid();
    const mediaId = draft.media === undefined ? undefined : this.media.keep(draft.media);
    const shown = mediaId === undefined ? undefined : this.media.shown(mediaId);
    const message = this.#store.add({
      id,
      person,
      direction: "out",
      business: BUSINESS,
      text: draft.text,
      media: shown === undefined ? [] : [shown],
      at: Date.now(),
      status: "delivered",
      ...(draft.replyTo === undefined ? {} : { replyTo: draft.replyTo }),
    });
    this.#wroteAt.set(person, message.at);
    this.#webhooks.message(person, id, draft, mediaId);
    return message;
  }

  #read(person: string): void {
    for (const { id, direction, status } of this.#store.messages(person)) {
      if (direction === "in" && status === "delivered") this.#seen(id, person, 0);
    }
  }

  #react(person: string, messageId: string, emoji: string | null): void {
    this.#store.change(messageId, { reaction: emoji ?? undefined });
    this.#webhooks.reaction(person, wamid(), messageId, emoji);
  }

  #changeIdentity(person: string, to: string): void {
    const wroteAt = this.#wroteAt.get(person);
    if (wroteAt !== undefined) this.#wroteAt.set(to, wroteAt);
    this.#store.rename(person, to);
    this.#webhooks.newNumber(person, to, wamid());
  }
}

function answer(input: string, person: string | undefined, id: string): NetworkAnswer {
  return json({
    messaging_product: "whatsapp",
    contacts: [{ input, ...(person === undefined ? {} : { wa_id: person.slice(1) }) }],
    messages: [{ id, message_status: "accepted" }],
  });
}

function isReadMark(body: Buffer): boolean {
  const asked = readRequest(jsonOf(body));
  return typeof asked !== "number" && "readId" in asked;
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

function numberOf(person: string): string {
  const number = person.replace(/[\s().-]/g, "");
  if (!E164.test(number)) {
    throw new Error(
      `${JSON.stringify(person.slice(0, 64))} is no phone number; write it as +447700900123`,
    );
  }
  return number;
}

function wamid(): string {
  return `wamid.${randomBytes(24).toString("base64")}`;
}

function hex(): string {
  return randomBytes(16).toString("hex");
}
