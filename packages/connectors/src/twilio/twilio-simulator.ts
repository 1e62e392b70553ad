import { randomBytes } from "node:crypto";
import type {
  CreateSimulator,
  Handset,
  HandsetDraft,
  HandsetMessage,
  Simulator,
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
  type NetworkServer,
  SHARED_FAULTS,
  startNetworkServer,
  WebhookSender,
} from "../simulator/index.ts";
import { signTwilio } from "./twilio-signature.ts";
import {
  faultOf,
  isAuthorised,
  messageResource,
  type TwilioRules,
  type TwilioTaken,
  takenOf,
  twilioRefusal,
} from "./twilio-simulator-api.ts";
import { TwilioSimulatorMedia } from "./twilio-simulator-media.ts";

const BUSINESS = "+15005550006";
const WINDOW_MS = 24 * 60 * 60 * 1000;
const E164 = /^\+[1-9]\d{6,14}$/;
const OUT = /^\s*(?:stop|stopall|unsubscribe|cancel|end|quit|revoke|optout)\s*$/i;
const IN = /^\s*(?:start|unstop|yes)\s*$/i;

/** Starts a Twilio that sends SMS and MMS. */
export const createTwilioSmsSimulator: CreateSimulator = (options) => start(options, "");

/** Starts a Twilio that sends WhatsApp. */
export const createTwilioWhatsappSimulator: CreateSimulator = (options) =>
  start(options, "whatsapp:");

async function start(options: SimulatorOptions, prefix: string): Promise<Simulator> {
  const faults = new Faults();
  const network = new TwilioNetwork(options, prefix, faults);
  const server = await startNetworkServer((request) => network.handle(request), faults, {
    isSend: ({ method, path }) => method === "POST" && path.endsWith("/Messages.json"),
    rateLimited: (retryAfterMs) =>
      twilioRefusal(20429, 429, { "retry-after": String(Math.ceil(retryAfterMs / 1000)) }),
    serverError: () => twilioRefusal(20500, 500),
  });
  network.open(server);
  return {
    settings: { accountSid: network.accountSid, from: BUSINESS, baseUrl: server.url },
    secrets: { authToken: network.authToken },
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
}

/** Twilio as one account sees it. */
class TwilioNetwork {
  readonly accountSid = `AC${hex()}`;
  readonly authToken = hex();
  accepted = 0;
  readonly #options: SimulatorOptions;
  readonly #rules: TwilioRules;
  readonly #faults: Faults;
  readonly #sender: WebhookSender;
  readonly #store = new HandsetStore();
  readonly #taken = new Map<string, TwilioTaken>();
  readonly #optedOut = new Set<string>();
  readonly #wroteAt = new Map<string, number>();
  readonly #media = new TwilioSimulatorMedia();
  readonly #linked = new LinkedMedia();

  constructor(options: SimulatorOptions, prefix: string, faults: Faults) {
    this.#options = options;
    this.#faults = faults;
    this.#sender = new WebhookSender(faults);
    const isOptedOut = (person: string) => this.#optedOut.has(person);
    this.#rules = { prefix, business: BUSINESS, isOptedOut };
  }

  open({ url }: NetworkServer): void {
    this.#media.open(url, this.accountSid);
  }

  async idle(): Promise<void> {
    await this.#linked.idle();
    await this.#sender.idle();
  }

  async close(): Promise<void> {
    await this.#linked.close();
    await this.#sender.close();
  }

  handle(request: NetworkRequest): NetworkAnswer {
    const stored = this.#media.stored(request.path);
    if (stored !== undefined) return stored;
    const { accountSid } = this;
    if (!isAuthorised(request, accountSid, this.authToken)) return twilioRefusal(20003, 401);
    const account = `/2010-04-01/Accounts/${accountSid}`;
    if (request.path === `${account}.json`) {
      return json({ sid: accountSid, friendly_name: "Simulator", status: "active", type: "Full" });
    }
    if (request.method === "POST" && request.path === `${account}/Messages.json`) {
      return this.#create(new URLSearchParams(request.body.toString("utf8")));
    }
    const sid = /\/Messages\/([A-Z0-9]+)\.json$/i.exec(request.path)?.[1];
    const taken = sid === undefined ? undefined : this.#taken.get(sid);
    if (taken !== undefined) return json(messageResource(accountSid, taken));
    return this.#media.redirect(request.path) ?? twilioRefusal(20404, 404);
  }

  handset(): Handset {
    const store = this.#store;
    const common: Handset = {
      identity: { label: "a phone number", example: "+447700900123" },
      business: BUSINESS,
      persons: () => store.persons(),
      messages: (person) => store.messages(person),
      write: async (person, draft) => this.#write(person, draft),
      onChange: (listener) => store.onChange(listener),
    };
    const isWhatsapp = this.#rules.prefix !== "";
    return isWhatsapp ? { ...common, read: async (person) => this.#read(person) } : common;
  }

  #create(form: URLSearchParams): NetworkAnswer {
    const code = faultOf(form, this.#rules);
    if (code !== undefined) return twilioRefusal(code, 400);
    const sid = `${form.has("MediaUrl") ? "MM" : "SM"}${hex()}`;
    const taken = takenOf(form, this.#rules, sid, Date.now());
    this.#taken.set(sid, taken);
    this.accepted += 1;
    const person = this.#personOf(taken);
    const errorCode = this.#laterFault(taken, person);
    this.#store.add({
      id: sid,
      person,
      direction: "in",
      business: BUSINESS,
      text: taken.text,
      media: guessMedia(taken.mediaUrls),
      at: taken.createdAt,
      status: errorCode === undefined ? "delivered" : "failed",
    });
    this.#linked.lookUp(taken.mediaUrls, (media) => {
      if (media !== undefined) this.#store.change(sid, { media });
      else this.#store.change(sid, { status: "failed" });
      const missing = this.#rules.prefix === "" ? 11200 : 63019;
      this.#callBack(taken, errorCode ?? (media === undefined ? missing : undefined));
    });
    return json(messageResource(this.accountSid, taken), 201);
  }

  #personOf({ to }: TwilioTaken): string {
    return to.slice(this.#rules.prefix.length);
  }

  /** Why a message that was taken is not delivered. */
  #laterFault({ isTemplate }: TwilioTaken, person: string): number | undefined {
    if (this.#faults.take("fail_later") !== undefined) return 30003;
    if (this.#rules.prefix === "" || isTemplate) return undefined;
    const wroteAt = this.#wroteAt.get(person);
    return wroteAt === undefined || Date.now() - wroteAt > WINDOW_MS ? 63016 : undefined;
  }

  #callBack(taken: TwilioTaken, errorCode: number | undefined): void {
    const { receiptDelayMs = 0, readsAtOnce = false } = this.#options;
    if (errorCode !== undefined) {
      this.#status(taken, "sent", receiptDelayMs);
      this.#status(taken, "undelivered", 2 * receiptDelayMs, errorCode);
      return;
    }
    this.#status(taken, "sent", receiptDelayMs);
    this.#status(taken, "delivered", 2 * receiptDelayMs);
    if (readsAtOnce && this.#rules.prefix !== "") this.#seen(taken, 3 * receiptDelayMs);
  }

  #seen(taken: TwilioTaken, delayMs: number): void {
    this.#store.change(taken.sid, { status: "read" });
    this.#status(taken, "read", delayMs);
  }

  #status(taken: TwilioTaken, status: string, delayMs: number, errorCode?: number): void {
    const { statusCallback, sid, from, to, messagingServiceSid } = taken;
    if (statusCallback === null) return;
    const form = new URLSearchParams({
      SmsSid: sid,
      SmsStatus: status,
      MessageStatus: status,
      ...(this.#rules.prefix === ""
        ? {}
        : { ChannelPrefix: "whatsapp", EventType: status.toUpperCase() }),
      To: to,
      ...(messagingServiceSid === null ? {} : { MessagingServiceSid: messagingServiceSid }),
      MessageSid: sid,
      AccountSid: this.accountSid,
      From: from,
      ApiVersion: "2010-04-01",
      ...(errorCode === undefined ? {} : { ErrorCode: String(errorCode) }),
    });
    this.#post(statusCallback, form, delayMs);
  }

  #post(url: string, form: URLSearchParams, delayMs = 0): void {
    const headers = {
      "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
      "user-agent": "TwilioProxy/1.1",
      "x-twilio-signature": signTwilio(this.authToken, url, form),
    };
    this.#sender.sendLater(delayMs, () => ({ url, headers, body: form.toString() }));
  }

  #write(person: string, draft: HandsetDraft): HandsetMessage {
    const { prefix } = this.#rules;
    const number = numberOf(person);
    const sid = `${draft.media === undefined ? "SM" : "MM"}${hex()}`;
    const kept = draft.media === undefined ? undefined : this.#media.keep(sid, draft.media);
    const message = this.#store.add({
      id: sid,
      person: number,
      direction: "out",
      business: BUSINESS,
      text: draft.text,
      media: kept === undefined ? [] : [kept.shown],
      at: Date.now(),
      status: "delivered",
      ...(draft.replyTo === undefined ? {} : { replyTo: draft.replyTo }),
    });
    this.#wroteAt.set(number, message.at);
    // Twilio keeps who wants nothing more by itself, and tells the product of the words, too.
    if (OUT.test(draft.text)) this.#optedOut.add(number);
    if (IN.test(draft.text)) this.#optedOut.delete(number);
    const form = new URLSearchParams({
      SmsMessageSid: sid,
      NumMedia: kept === undefined ? "0" : "1",
      ...(prefix === "" ? {} : { ProfileName: number, WaId: number.slice(1), MessageType: "text" }),
      SmsSid: sid,
      SmsStatus: "received",
      Body: draft.text,
      To: prefix + BUSINESS,
      NumSegments: "1",
      MessageSid: sid,
      AccountSid: this.accountSid,
      From: prefix + number,
      ApiVersion: "2010-04-01",
      ...(kept === undefined ? {} : { MediaContentType0: kept.mimeType, MediaUrl0: kept.apiUrl }),
      ...(prefix === "" || draft.replyTo === undefined
        ? {}
        : {
            OriginalRepliedMessageSid: draft.replyTo,
            OriginalRepliedMessageSender: prefix + BUSINESS,
          }),
    });
    this.#post(this.#options.webhookUrl, form);
    return message;
  }

  #read(person: string): void {
    for (const { id, direction, status } of this.#store.messages(person)) {
      const taken = this.#taken.get(id);
      if (direction === "in" && status === "delivered" && taken !== undefined) this.#seen(taken, 0);
    }
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

function hex(): string {
  return randomBytes(16).toString("hex");
}
