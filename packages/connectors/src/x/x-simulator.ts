import type {
  CreateSimulator,
  HandsetDraft,
  HandsetMessage,
  Simulator,
  SimulatorOptions,
} from "../contract/simulator.ts";
import { Faults, SHARED_FAULTS } from "../simulator/faults.ts";
import { HandsetStore } from "../simulator/handset-store.ts";
import { parseMultipart } from "../simulator/multipart.ts";
import {
  json,
  type NetworkAnswer,
  type NetworkRequest,
  startNetworkServer,
} from "../simulator/network-server.ts";
import { WebhookSender } from "../simulator/webhook-sender.ts";
import { type OauthCredentials, oauthHeader } from "./oauth-header.ts";
import { X_SIGNATURE, xSignature } from "./x-signature.ts";

const ACCOUNT = "2244994945";
const EXAMPLE = "6253282";
const CREDENTIALS: OauthCredentials = {
  consumerKey: "simulatedConsumerKey",
  consumerSecret: "simulatedConsumerSecret00000000000001",
  token: "2244994945-simulatedAccessToken",
  tokenSecret: "simulatedAccessTokenSecret0000000001",
};
/** Of OAuth 2.0. */
const BEARER = "simulatedBearerTokenOfTheAccount";
const NAMES = ["Ann", "Bea", "Cem", "Dina", "Eli", "Fay", "Gus", "Hana", "Ivo", "June"] as const;
const EPOCH_MS = 1_288_834_974_657n;

/** Persons to try out what becomes of a message: one takes none, one is not there. */
export const X_LOST_PERSONS = { closed: "403000001", gone: "404000001" } as const;

/** The bearer token that the simulator takes, in the place of the four secrets of OAuth 1.0a. */
export const X_BEARER = BEARER;

function problem(status: number, title: string, detail: string): NetworkAnswer {
  return json({ title, detail, type: "about:blank", status }, status);
}

interface StoredMedia {
  readonly name: string;
  readonly mimeType: string;
  readonly bytes: Buffer;
}

/** An X on loopback: the API for direct messages, and the X Activity API. */
class XNetwork {
  readonly store = new HandsetStore();
  readonly webhooks: WebhookSender;
  accepted = 0;
  baseUrl = "";
  readonly #options: SimulatorOptions;
  readonly #media = new Map<string, StoredMedia>();
  #sequence = 0n;

  constructor(faults: Faults, options: SimulatorOptions) {
    this.webhooks = new WebhookSender(faults);
    this.#options = options;
  }

  handle(request: NetworkRequest): NetworkAnswer {
    const { method, path } = request;
    if (path.startsWith("/shown/")) return this.#mediaAt(path);
    if (!this.#isAllowed(request)) return problem(401, "Unauthorized", "Unauthorized");
    if (path.startsWith("/1.1/ton/data/dm/")) return this.#mediaAt(path);
    if (method === "GET" && path === "/2/users/me") {
      return json({ data: { id: ACCOUNT, name: "Anywire", username: "anywire" } });
    }
    if (method === "POST" && path === "/2/media/upload") return this.#upload(request);
    const [, person] = /^\/2\/dm_conversations\/with\/([^/]+)\/messages$/.exec(path) ?? [];
    if (method !== "POST" || person === undefined) return problem(404, "Not Found", "Not Found");
    return this.#create(person, request);
  }

  /** The signature is made once more, of what came. */
  #isAllowed({ method, path, query, headers }: NetworkRequest): boolean {
    const given = headers["authorization"] ?? "";
    if (given === `Bearer ${BEARER}`) return true;
    const nonce = /oauth_nonce="([^"]+)"/.exec(given)?.[1] ?? "";
    const timestamp = Number(/oauth_timestamp="(\d+)"/.exec(given)?.[1]);
    if (Math.abs(Date.now() / 1000 - timestamp) > 300) return false;
    const url = new URL(`${this.baseUrl}${path}`);
    url.search = query.toString();
    return given === oauthHeader(method, url, CREDENTIALS, { nonce, timestamp });
  }

  #upload({ headers, body }: NetworkRequest): NetworkAnswer {
    const parts = parseMultipart(headers["content-type"] ?? "", body);
    const field = (name: string): string | undefined =>
      parts.find((part) => part.name === name)?.bytes.toString("utf8");
    const file = parts.find((part) => part.name === "media");
    if (file === undefined || file.bytes.length === 0) {
      return problem(400, "Invalid Request", "media is required");
    }
    if (field("media_category") !== "dm_image") {
      return problem(400, "Invalid Request", "media_category does not suit direct messages");
    }
    const mimeType = file.mimeType ?? "application/octet-stream";
    const id = this.#keep({ name: file.fileName ?? "media", mimeType, bytes: file.bytes });
    return json({ data: { id, media_key: `3_${id}`, expires_after_secs: 86_400 } });
  }

  #create(person: string, { body }: NetworkRequest): NetworkAnswer {
    if (!/^\d{1,19}$/.test(person)) {
      const detail = `The \`participant_id\` query parameter value [${person}] is not valid`;
      return problem(400, "Invalid Request", detail);
    }
    if (person === X_LOST_PERSONS.closed) {
      const detail = "You do not have permission to DM one or more participants.";
      return problem(403, "Forbidden", detail);
    }
    if (person === X_LOST_PERSONS.gone) return problem(404, "Not Found", "User not found");
    const { text = "", attachments = [] } = JSON.parse(body.toString("utf8"));
    if (text === "" && attachments.length === 0) {
      return problem(400, "Invalid Request", "text or attachments are required");
    }
    if ([...text].length > 10_000) return problem(400, "Invalid Request", "text is too long");
    const media = (attachments as { media_id: string }[]).map(({ media_id }) => media_id);
    if (media.some((id) => !this.#media.has(id))) {
      return problem(400, "Invalid Request", "a media_id is not valid");
    }
    const { id, at } = this.#next();
    this.accepted += 1;
    this.store.add({
      id,
      person,
      direction: "in",
      business: ACCOUNT,
      text,
      media: media.map((one) => this.#shown(one)),
      at,
      status: "delivered",
    });
    if (this.#options.readsAtOnce === true) this.read(person, this.#options.receiptDelayMs);
    const dm_conversation_id = [person, ACCOUNT].toSorted().join("-");
    return json({ data: { dm_conversation_id, dm_event_id: id } }, 201);
  }

  #keep(media: StoredMedia): string {
    const { id } = this.#next();
    this.#media.set(id, media);
    return id;
  }

  #shown(id: string): HandsetMessage["media"][number] {
    const { name = "", mimeType = "" } = this.#media.get(id) ?? {};
    return { name, mimeType, url: `${this.baseUrl}/shown/${id}` };
  }

  #mediaAt(path: string): NetworkAnswer {
    const media = this.#media.get(path.split("/").at(-1) ?? "");
    if (media === undefined) return { status: 404, body: "" };
    return { status: 200, headers: { "content-type": media.mimeType }, body: media.bytes };
  }

  /** Ids tell when they were made. */
  #next(): { id: string; at: number } {
    const at = Date.now();
    this.#sequence += 1n;
    const id = ((BigInt(at) - EPOCH_MS) << 22n) | (this.#sequence & 0x3fffffn);
    return { id: String(id), at };
  }

  /** A person writes to the account. */
  write(person: string, draft: HandsetDraft): HandsetMessage {
    if (!/^[1-9]\d{0,18}$/.test(person) || person === ACCOUNT) {
      throw new Error(`${person} is no account's number on X; they look like ${EXAMPLE}`);
    }
    const { id, at } = this.#next();
    const media = draft.media === undefined ? undefined : this.#keepDraft(draft.media);
    const link = media === undefined ? undefined : `https://t.co/${media.id}`;
    const text = [escaped(draft.text), link].filter((part) => part).join(" ");
    this.#tell("dm.received", {
      direct_message_events: [
        {
          type: "message_create",
          id,
          created_timestamp: String(at),
          message_create: {
            target: { recipient_id: ACCOUNT },
            sender_id: person,
            message_data: {
              text,
              entities: { hashtags: [], symbols: [], user_mentions: [], urls: [] },
              ...(media !== undefined && {
                attachment: { type: "media", media: { ...media.described, url: link } },
              }),
            },
          },
        },
      ],
      users: { [person]: { data: userOf(person) } },
    });
    return this.store.add({
      id,
      person,
      direction: "out",
      business: ACCOUNT,
      text: draft.text,
      media: media === undefined ? [] : [this.#shown(media.id)],
      at,
      status: "delivered",
    });
  }

  #keepDraft({ name, mimeType, bytes }: NonNullable<HandsetDraft["media"]>): {
    id: string;
    described: object;
  } {
    const id = this.#keep({ name, mimeType, bytes: Buffer.from(bytes) });
    const media_url_https = `${this.baseUrl}/1.1/ton/data/dm/1/${id}`;
    return { id, described: { id_str: id, media_url_https, type: "photo" } };
  }

  /** A person looks at the conversation; X tells of it so much later. */
  read(person: string, delayMs = 0): void {
    const unread = this.store
      .messages(person)
      .filter(({ direction, status }) => direction === "in" && status !== "read");
    const last = unread.at(-1);
    if (last === undefined) return;
    for (const { id } of unread) this.store.change(id, { status: "read" });
    const told = { ...notice(person), last_read_event_id: last.id };
    this.#tell("dm.read", { direct_message_mark_read_events: [told] }, delayMs);
  }

  typing(person: string): void {
    this.#tell("dm.indicate_typing", { direct_message_indicate_typing_events: [notice(person)] });
  }

  #tell(event_type: string, payload: object, delayMs = 0): void {
    const { id: event_uuid } = this.#next();
    const filter = { user_id: ACCOUNT };
    const body = JSON.stringify({ data: { event_uuid, filter, event_type, payload } });
    this.webhooks.sendLater(delayMs, () => ({
      url: this.#options.webhookUrl,
      headers: {
        "content-type": "application/json",
        [X_SIGNATURE]: xSignature(CREDENTIALS.consumerSecret, body),
      },
      body,
    }));
  }
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function notice(person: string): object {
  return {
    created_timestamp: String(Date.now()),
    sender_id: person,
    target: { recipient_id: ACCOUNT },
  };
}

function userOf(id: string): object {
  const name = NAMES[Number(id.slice(-1))] ?? "Ann";
  return { id, name, username: `${name.toLowerCase()}_${id}` };
}

/** An X on loopback. Persons are numbers; {@link X_LOST_PERSONS} can't be written to. */
export const createXSimulator: CreateSimulator = async (options) => {
  const faults = new Faults();
  const network = new XNetwork(faults, options);
  const server = await startNetworkServer(async (request) => network.handle(request), faults, {
    isSend: ({ path }) => path.startsWith("/2/dm_conversations/"),
    rateLimited(retryAfterMs) {
      const answer = problem(429, "Too Many Requests", "Too Many Requests");
      const reset = String(Math.ceil((Date.now() + retryAfterMs) / 1000));
      const headers = { "x-rate-limit-remaining": "0", "x-rate-limit-reset": reset };
      return { ...answer, headers: { ...answer.headers, ...headers } };
    },
    serverError: () => problem(500, "Internal Server Error", "Something is broken"),
  });
  network.baseUrl = server.url;
  const { store, webhooks } = network;
  const { consumerKey, consumerSecret, token, tokenSecret } = CREDENTIALS;
  const simulator: Simulator = {
    settings: { accountId: ACCOUNT, baseUrl: server.url },
    secrets: {
      consumerKey,
      consumerSecret,
      accessToken: token,
      accessTokenSecret: tokenSecret,
    },
    handset: {
      identity: { label: "the number of an account on X", example: EXAMPLE },
      business: ACCOUNT,
      persons: () => store.persons(),
      messages: (person) => store.messages(person),
      write: async (person, draft) => network.write(person, draft),
      read: async (person) => network.read(person),
      typing: async (person) => network.typing(person),
      onChange: (listener) => store.onChange(listener),
    },
    get accepted() {
      return network.accepted;
    },
    faults: SHARED_FAULTS,
    inject: (fault) => faults.inject(fault),
    idle: () => webhooks.idle(),
    async close() {
      await webhooks.close();
      await server.close();
    },
  };
  return simulator;
};
