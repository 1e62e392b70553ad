import { isDeepStrictEqual } from "node:util";
import type {
  CreateSimulator,
  HandsetDraft,
  HandsetMessage,
  Simulator,
} from "../contract/simulator.ts";
import { Faults, SHARED_FAULTS } from "../simulator/faults.ts";
import { HandsetStore } from "../simulator/handset-store.ts";
import {
  json,
  type NetworkAnswer,
  type NetworkRequest,
  startNetworkServer,
} from "../simulator/network-server.ts";
import { type TelegramCall, telegramCall } from "./telegram-simulator-call.ts";
import { TelegramSimulatorUpdates } from "./telegram-simulator-updates.ts";

const BOT_ID = 7_000_000_001;
const TOKEN = `${BOT_ID}:AAsimulated-token-of-the-bot`;
const SECRET = "simulated-webhook-secret";
const BOT = { id: BOT_ID, is_bot: true, first_name: "Anywire", username: "anywire_bot" };
const EXAMPLE = "700100200";
const NAMES = ["Ann", "Bea", "Cem", "Dina", "Eli", "Fay", "Gus", "Hana", "Ivo", "June"] as const;

/** Persons who can't be written to any more, to try out what becomes of it. */
export const TELEGRAM_LOST_PERSONS = { blocked: "403000001", deactivated: "403000002" } as const;

const SENDING: Readonly<Record<string, string | undefined>> = {
  sendMessage: undefined,
  sendPhoto: "photo",
  sendDocument: "document",
  sendAudio: "audio",
  sendVoice: "voice",
  sendVideo: "video",
  sendAnimation: "animation",
  sendLocation: undefined,
  sendVenue: undefined,
};

/** Telegram tells what a file is by its name. */
const TYPES: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  gif: "image/gif",
  mp3: "audio/mpeg",
  ogg: "audio/ogg",
  mp4: "video/mp4",
  pdf: "application/pdf",
  txt: "text/plain",
};

/** Telegram refuses in this form, with the status in it once more. */
function refuse(code: number, description: string, parameters?: object): NetworkAnswer {
  return json({ ok: false, error_code: code, description, parameters }, code);
}

function bad(what: string): NetworkAnswer {
  return refuse(400, `Bad Request: ${what}`);
}

function ok(result: unknown): NetworkAnswer {
  return json({ ok: true, result });
}

interface StoredFile {
  readonly name: string;
  readonly mimeType: string;
  readonly bytes: Buffer;
}

/** A Telegram on loopback: the Bot API, webhooks and long polling. */
class TelegramNetwork {
  readonly store = new HandsetStore();
  readonly updates: TelegramSimulatorUpdates;
  accepted = 0;
  baseUrl = "";
  readonly #started = new Set<string>([EXAMPLE]);
  readonly #files = new Map<string, StoredFile>();
  #lastMessage = 100;

  constructor(faults: Faults, webhookUrl: string) {
    this.updates = new TelegramSimulatorUpdates(faults, { url: webhookUrl, secret: SECRET });
  }

  async handle(request: NetworkRequest): Promise<NetworkAnswer> {
    const [, root, rest = ""] = /^\/(file\/)?bot(.*)$/.exec(request.path) ?? [];
    const [token, ...path] = rest.split("/");
    if (request.path.startsWith("/media/")) return this.#fileAt(request.path.slice(7));
    if (token !== TOKEN) return refuse(401, "Unauthorized");
    if (root !== undefined) return this.#fileAt(path.at(-1) ?? "");
    const [method = ""] = path;
    return await this.#call(method, telegramCall(request));
  }

  #call(method: string, call: TelegramCall): NetworkAnswer | Promise<NetworkAnswer> {
    if (Object.hasOwn(SENDING, method)) return this.#send(method, call);
    const { params } = call;
    switch (method) {
      case "getMe":
        return ok(BOT);
      case "getUpdates":
        return this.updates.poll(params);
      case "setWebhook":
      case "deleteWebhook":
        return this.updates.setWebhook(method === "setWebhook" ? params : undefined);
      case "getWebhookInfo":
        return ok({ url: this.updates.webhook?.url ?? "", pending_update_count: 0 });
      case "getFile":
        return this.#getFile(String(params["file_id"]));
      case "sendChatAction":
        return this.#refusal(call) ?? ok(true);
      case "editMessageText":
      case "editMessageCaption":
        return this.#edit(call, method === "editMessageText" ? "text" : "caption");
      case "deleteMessage":
        return this.#delete(call);
      case "setMessageReaction":
        return this.#react(call);
      default:
        return refuse(404, "Not Found");
    }
  }

  #refusal({ params }: TelegramCall): NetworkAnswer | undefined {
    const chat = String(params["chat_id"] ?? "");
    if (chat === "") return bad("chat_id is empty");
    if (chat === TELEGRAM_LOST_PERSONS.blocked) {
      return refuse(403, "Forbidden: bot was blocked by the user");
    }
    if (chat === TELEGRAM_LOST_PERSONS.deactivated) {
      return refuse(403, "Forbidden: user is deactivated");
    }
    return this.#started.has(chat) ? undefined : bad("chat not found");
  }

  #send(method: string, call: TelegramCall): NetworkAnswer {
    const field = SENDING[method];
    const media = field === undefined ? [] : this.#mediaOf(call, field);
    const refusal = this.#refusal(call) ?? this.#refusalOfContent(method, call, media.length);
    if (refusal !== undefined) return refusal;
    const { params } = call;
    const person = String(params["chat_id"]);
    const at = Date.now();
    this.#lastMessage += 1;
    this.accepted += 1;
    const replyTo = this.#repliedIn(call);
    this.store.add({
      id: `${person}:${this.#lastMessage}`,
      person,
      direction: "in",
      business: BOT.username,
      text: shownText(params),
      media,
      at,
      status: "delivered",
      ...(replyTo !== undefined && { replyTo }),
    });
    const chat = { id: Number(person), type: "private" };
    return ok({ message_id: this.#lastMessage, date: Math.floor(at / 1000), chat, from: BOT });
  }

  #refusalOfContent(method: string, call: TelegramCall, media: number): NetworkAnswer | undefined {
    const { params } = call;
    const field = SENDING[method];
    const text = String(params["text"] ?? params["caption"] ?? "");
    if (method === "sendMessage" && text === "") return bad("message text is empty");
    if (text.length > 4096) return bad("message is too long");
    if (field !== undefined && text.length > 1024) return bad("message caption is too long");
    if (field !== undefined && media === 0) return bad(`there is no ${field} in the request`);
    const reply = params["reply_parameters"] as Record<string, unknown> | undefined;
    const mayMiss = reply?.["allow_sending_without_reply"] === true;
    const isMissed = reply !== undefined && this.#repliedIn(call) === undefined;
    return isMissed && !mayMiss ? bad("message to be replied not found") : undefined;
  }

  /** The message that is answered, where it is there. */
  #repliedIn({ params }: TelegramCall): string | undefined {
    const reply = params["reply_parameters"] as Record<string, unknown> | undefined;
    return this.store.find(`${params["chat_id"]}:${reply?.["message_id"]}`)?.id;
  }

  #mediaOf({ params, files }: TelegramCall, field: string): HandsetMessage["media"] {
    const given = String(params[field] ?? "");
    if (/^https?:/.test(given)) return [{ name: field, mimeType: `${field}/*`, url: given }];
    const file = files.get(given.replace("attach://", ""));
    if (file === undefined) return [];
    const name = file.fileName ?? field;
    const mimeType = TYPES[name.split(".").at(-1) ?? ""] ?? "application/octet-stream";
    return [this.#keep({ name, mimeType, bytes: file.bytes }).shown];
  }

  #keep(file: StoredFile): { id: string; shown: HandsetMessage["media"][number] } {
    const id = `file${this.#files.size + 1}`;
    this.#files.set(id, file);
    const url = `${this.baseUrl}/media/${id}`;
    return { id, shown: { name: file.name, mimeType: file.mimeType, url } };
  }

  #getFile(id: string): NetworkAnswer {
    const file = this.#files.get(id);
    if (file === undefined) return bad("invalid file_id");
    const file_size = file.bytes.length;
    return ok({ file_id: id, file_unique_id: id, file_size, file_path: `documents/${id}` });
  }

  #fileAt(id: string): NetworkAnswer {
    const file = this.#files.get(id);
    if (file === undefined) return refuse(404, "Not Found");
    return {
      status: 200,
      headers: { "content-type": "application/octet-stream" },
      body: file.bytes,
    };
  }

  #edit(call: TelegramCall, field: string): NetworkAnswer {
    const { id, known } = this.#found(call);
    if (known === undefined || known.isDeleted) return bad("message to edit not found");
    if (known.direction === "out") return bad("message can't be edited");
    const text = String(call.params[field] ?? "");
    if (text === "") return bad("message text is empty");
    if (text === known.text) return bad("message is not modified");
    this.store.change(id, { text, isEdited: true });
    return ok(true);
  }

  #delete(call: TelegramCall): NetworkAnswer {
    const { id, known } = this.#found(call);
    if (known === undefined || known.isDeleted) return bad("message to delete not found");
    this.store.change(id, { isDeleted: true, text: "" });
    return ok(true);
  }

  #react(call: TelegramCall): NetworkAnswer {
    const { id, known } = this.#found(call);
    if (known === undefined) return bad("message to react not found");
    const given = (call.params["reaction"] ?? []) as { type: string; emoji: string }[];
    if (given.length > 1) return bad("REACTIONS_TOO_MANY");
    if (given.some(({ emoji }) => emoji === "🦖")) return bad("REACTION_INVALID");
    this.store.change(id, { reaction: given[0]?.emoji });
    return ok(true);
  }

  #found({ params }: TelegramCall): { id: string; known: HandsetMessage | undefined } {
    const id = `${params["chat_id"]}:${params["message_id"]}`;
    return { id, known: this.store.find(id) };
  }

  /** A person writes. */
  write(person: string, draft: HandsetDraft): HandsetMessage {
    if (!/^[1-9]\d{0,18}$/.test(person)) {
      throw new Error(`${person} is no Telegram user id; they are numbers, such as ${EXAMPLE}`);
    }
    this.#started.add(person);
    this.#lastMessage += 1;
    const at = Math.floor(Date.now() / 1000);
    const file = draft.media === undefined ? undefined : this.#keepDraft(draft.media);
    const [, repliedId] = draft.replyTo?.split(":") ?? [];
    this.updates.tell({
      message: {
        message_id: this.#lastMessage,
        date: at,
        ...this.#place(person),
        ...(file === undefined
          ? { text: draft.text }
          : { ...file.fields, ...(draft.text !== "" && { caption: draft.text }) }),
        ...(repliedId !== undefined && {
          reply_to_message: { message_id: Number(repliedId), date: at, ...this.#place(person) },
        }),
      },
    });
    return this.store.add({
      id: `${person}:${this.#lastMessage}`,
      person,
      direction: "out",
      business: BOT.username,
      text: draft.text,
      media: file === undefined ? [] : [file.shown],
      at: at * 1000,
      status: "delivered",
      ...(draft.replyTo !== undefined && { replyTo: draft.replyTo }),
    });
  }

  #place(person: string): object {
    const from = { ...userOf(person), is_bot: false };
    return { from, chat: { ...userOf(person), type: "private" } };
  }

  #keepDraft({ name, mimeType, bytes }: NonNullable<HandsetDraft["media"]>): {
    fields: object;
    shown: HandsetMessage["media"][number];
  } {
    const { id, shown } = this.#keep({ name, mimeType, bytes: Buffer.from(bytes) });
    const file = { file_id: id, file_unique_id: id, file_size: bytes.length };
    // All photos are JPEG; whatever else shall stay as it is comes as a file.
    if (mimeType === "image/jpeg") {
      const sizes = [
        { ...file, file_id: `${id}-small`, width: 90, height: 90 },
        { ...file, width: 800, height: 800 },
      ];
      return { fields: { photo: sizes }, shown };
    }
    const named = { ...file, mime_type: mimeType, file_name: name };
    const [kind] = mimeType.split("/");
    const field = kind === "audio" || kind === "video" ? kind : "document";
    return { fields: { [field]: named }, shown };
  }

  /** A person puts a mark on a message, or takes it off. */
  react(person: string, id: string, emoji: string | null): void {
    const known = this.store.find(id);
    if (known === undefined) throw new Error(`there is no message ${id}`);
    const marks = (mark: string | undefined | null): object[] =>
      mark ? [{ type: "emoji", emoji: mark }] : [];
    const [old_reaction, new_reaction] = [marks(known.reaction), marks(emoji)];
    if (isDeepStrictEqual(old_reaction, new_reaction)) return;
    this.store.change(id, { reaction: emoji ?? undefined });
    this.updates.tell({
      message_reaction: {
        chat: { ...userOf(person), type: "private" },
        message_id: Number(id.split(":")[1]),
        user: { ...userOf(person), is_bot: false },
        date: Math.floor(Date.now() / 1000),
        old_reaction,
        new_reaction,
      },
    });
  }
}

/** What a person sees: the text, or the place on a map. */
function shownText(params: TelegramCall["params"]): string {
  const { text, caption, title, latitude, longitude } = params;
  const said = String(text ?? caption ?? "");
  return said !== "" || latitude === undefined
    ? said
    : `${title ?? "📍"} ${latitude}, ${longitude}`;
}

function userOf(person: string): object {
  const first_name = NAMES[Number(person.slice(-1))] ?? "Ann";
  return { id: Number(person), first_name, username: `${first_name.toLowerCase()}_${person}` };
}

function isSend({ path }: NetworkRequest): boolean {
  const method = path.split("/").at(-1) ?? "";
  return Object.hasOwn(SENDING, method);
}

/** A Telegram on loopback. Persons are numbers; {@link TELEGRAM_LOST_PERSONS} can't be written to. */
export const createTelegramSimulator: CreateSimulator = async ({ webhookUrl }) => {
  const faults = new Faults();
  const network = new TelegramNetwork(faults, webhookUrl);
  const server = await startNetworkServer((request) => network.handle(request), faults, {
    isSend,
    rateLimited(retryAfterMs) {
      const retry_after = Math.max(1, Math.ceil(retryAfterMs / 1000));
      const description = `Too Many Requests: retry after ${retry_after}`;
      return refuse(429, description, { retry_after });
    },
    serverError: () => refuse(500, "Internal Server Error"),
  });
  network.baseUrl = server.url;
  const { store, updates } = network;
  const simulator: Simulator = {
    settings: { mode: "webhook", baseUrl: server.url },
    secrets: { botToken: TOKEN, webhookSecret: SECRET },
    handset: {
      identity: { label: "a Telegram user id", example: EXAMPLE },
      business: BOT.username,
      persons: () => store.persons(),
      messages: (person) => store.messages(person),
      write: async (person, draft) => network.write(person, draft),
      react: async (person, id, emoji) => network.react(person, id, emoji),
      onChange: (listener) => store.onChange(listener),
    },
    get accepted() {
      return network.accepted;
    },
    faults: SHARED_FAULTS,
    inject: (fault) => faults.inject(fault),
    idle: () => updates.idle(),
    async close() {
      await updates.close();
      await server.close();
    },
  };
  return simulator;
};
