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
import { emojiOf, slackNameOf } from "./slack-emoji.ts";
import { SlackSimulatorEvents } from "./slack-simulator-events.ts";
import { SlackSimulatorFiles } from "./slack-simulator-files.ts";
import { fromSlackText, toSlackText } from "./slack-text.ts";

const TOKEN = "xoxb-simulated-token-of-the-bot";
const SIGNING_SECRET = "simulated0signing0secret00000001";
const BOT = { user_id: "U0ANYWIRE", bot_id: "B0ANYWIRE", app_id: "A0ANYWIRE" };
const EXAMPLE = "U0ANN00001";
const MAX_TEXT = 40_000;

/** A person whose account is switched off, to try out what becomes of it. */
export const SLACK_DISABLED_PERSON = "U0DISABLED";

type Params = Readonly<Record<string, string>>;

interface Posted {
  readonly ts: string;
  readonly thread_ts: string | undefined;
  readonly metadata: unknown;
}

/** Slack says what went wrong in the body of a 200. */
function refuse(error: string): NetworkAnswer {
  return json({ ok: false, error });
}

function ok(result: object = {}): NetworkAnswer {
  return json({ ok: true, ...result });
}

/** A Slack workspace on loopback: the Web API, and events. */
class SlackNetwork {
  readonly store = new HandsetStore();
  readonly events: SlackSimulatorEvents;
  readonly files = new SlackSimulatorFiles(TOKEN);
  accepted = 0;
  readonly #posted = new Map<string, Posted[]>();
  #counter = 0;

  constructor(faults: Faults, webhookUrl: string) {
    const app = { ...BOT, signingSecret: SIGNING_SECRET };
    this.events = new SlackSimulatorEvents(faults, webhookUrl, app);
  }

  handle(request: NetworkRequest): NetworkAnswer {
    if (!request.path.startsWith("/api/")) return this.files.handle(request);
    if (request.headers["authorization"] !== `Bearer ${TOKEN}`) return refuse("invalid_auth");
    const params = Object.fromEntries(new URLSearchParams(request.body.toString("utf8")));
    const handler = this.#methods[request.path.slice("/api/".length)];
    return handler === undefined ? refuse("unknown_method") : handler(params);
  }

  readonly #methods: Readonly<Record<string, (params: Params) => NetworkAnswer>> = {
    "auth.test": () => ok({ ...BOT, team: "Simulated", team_id: "T0SIMULATED" }),
    "conversations.open": (params) => this.#open(params),
    "chat.postMessage": (params) => this.#post(params),
    "chat.update": (params) => this.#update(params),
    "chat.delete": (params) => this.#delete(params),
    "conversations.history": ({ channel = "" }) =>
      this.#history(channel, ({ thread_ts }) => thread_ts === undefined),
    "conversations.replies": ({ channel = "", ts }) =>
      this.#history(channel, (one) => one.thread_ts === ts || one.ts === ts),
    "reactions.add": (params) => this.#mark(params, "add"),
    "reactions.remove": (params) => this.#mark(params, "remove"),
    "files.getUploadURLExternal": (params) => this.files.begin(params),
    "files.completeUploadExternal": (params) => this.#share(params),
    "files.info": ({ file = "" }) => this.files.info(file),
  };

  #open({ users = "" }: Params): NetworkAnswer {
    if (users === SLACK_DISABLED_PERSON) return refuse("user_disabled");
    if (!isPerson(users)) return refuse("user_not_found");
    return ok({ channel: { id: channelOf(users) } });
  }

  #post(params: Params): NetworkAnswer {
    const { channel = "", text = "", thread_ts, metadata } = params;
    const person = personOf(channel);
    if (person === undefined) return refuse("channel_not_found");
    if (text === "") return refuse("no_text");
    if (text.length > MAX_TEXT) return refuse("msg_too_long");
    if (thread_ts !== undefined && this.store.find(`${channel}:${thread_ts}`) === undefined) {
      return refuse("thread_not_found");
    }
    const parsed = metadata === undefined ? undefined : JSON.parse(metadata);
    const ts = this.#show(person, fromSlackText(text), [], thread_ts, parsed);
    return ok({ channel, ts, message: { type: "message", text, ts, ...BOT, user: BOT.user_id } });
  }

  #share(params: Params): NetworkAnswer {
    const { channel_id = "", initial_comment = "", thread_ts, files = "[]" } = params;
    const person = personOf(channel_id);
    if (person === undefined) return refuse("channel_not_found");
    const ids = (JSON.parse(files) as { id: string }[]).map(({ id }) => id);
    const media = ids.flatMap((id) => this.files.shown(id) ?? []);
    if (media.length === 0 || media.length < ids.length) return refuse("file_not_found");
    const ts = this.#show(person, fromSlackText(initial_comment), media, thread_ts, undefined);
    for (const id of ids) this.files.share(id, channel_id, ts);
    return ok({ files: ids.map((id) => ({ id })) });
  }

  /** Shows a message of the app to a person, and tells of it as Slack tells of all. */
  #show(
    person: string,
    text: string,
    media: HandsetMessage["media"],
    thread_ts: string | undefined,
    metadata: unknown,
  ): string {
    const channel = channelOf(person);
    const { ts, at } = this.#next();
    this.accepted += 1;
    this.#posted.set(channel, [...(this.#posted.get(channel) ?? []), { ts, thread_ts, metadata }]);
    this.store.add({
      id: `${channel}:${ts}`,
      person,
      direction: "in",
      business: BOT.user_id,
      text,
      media,
      at,
      status: "delivered",
      ...(thread_ts !== undefined && { replyTo: `${channel}:${thread_ts}` }),
    });
    const said = { ...BOT, user: BOT.user_id, text: toSlackText(text), ts, thread_ts };
    this.events.tell({ type: "message", channel, channel_type: "im", event_ts: ts, ...said });
    return ts;
  }

  #history(channel: string, isAsked: (posted: Posted) => boolean): NetworkAnswer {
    if (personOf(channel) === undefined) return refuse("channel_not_found");
    const messages = (this.#posted.get(channel) ?? []).filter(isAsked).toReversed();
    return ok({ messages, has_more: false });
  }

  #update({ channel, ts, text = "" }: Params): NetworkAnswer {
    const known = this.store.find(`${channel}:${ts}`);
    if (known === undefined || known.isDeleted) return refuse("message_not_found");
    if (known.direction === "out") return refuse("cant_update_message");
    if (text === "") return refuse("no_text");
    this.store.change(known.id, { text: fromSlackText(text), isEdited: true });
    return ok({ channel, ts, text });
  }

  #delete({ channel, ts }: Params): NetworkAnswer {
    const known = this.store.find(`${channel}:${ts}`);
    if (known === undefined || known.isDeleted) return refuse("message_not_found");
    if (known.direction === "out") return refuse("cant_delete_message");
    this.store.change(known.id, { text: "", isDeleted: true });
    return ok({ channel, ts });
  }

  #mark({ channel, timestamp, name = "" }: Params, action: "add" | "remove"): NetworkAnswer {
    const known = this.store.find(`${channel}:${timestamp}`);
    if (known === undefined) return refuse("message_not_found");
    const emoji = emojiOf(name);
    if (action === "add" && known.reaction === emoji) return refuse("already_reacted");
    if (action === "remove" && known.reaction !== emoji) return refuse("no_reaction");
    this.store.change(known.id, { reaction: action === "add" ? emoji : undefined });
    return ok();
  }

  #next(): { ts: string; at: number } {
    const at = Date.now();
    this.#counter += 1;
    const micros = String(this.#counter % 1_000_000).padStart(6, "0");
    return { ts: `${Math.floor(at / 1000)}.${micros}`, at };
  }

  /** A person writes to the app. */
  write(person: string, draft: HandsetDraft): HandsetMessage {
    if (!isPerson(person)) {
      throw new Error(`${person} is no member id of Slack; they look like ${EXAMPLE}`);
    }
    const channel = channelOf(person);
    const { ts, at } = this.#next();
    const [, thread_ts] = draft.replyTo?.split(":") ?? [];
    const file = draft.media === undefined ? undefined : this.files.keep(draft.media);
    this.events.tell({
      type: "message",
      user: person,
      text: toSlackText(draft.text),
      channel,
      channel_type: "im",
      ts,
      event_ts: ts,
      ...(thread_ts !== undefined && { thread_ts }),
      ...(file !== undefined && { subtype: "file_share", files: [file.described] }),
    });
    return this.store.add({
      id: `${channel}:${ts}`,
      person,
      direction: "out",
      business: BOT.user_id,
      text: draft.text,
      media: file === undefined ? [] : [file.shown],
      at,
      status: "delivered",
      ...(draft.replyTo !== undefined && { replyTo: draft.replyTo }),
    });
  }

  /** A person puts a mark on a message, or takes it off. */
  react(person: string, id: string, emoji: string | null): void {
    const known = this.store.find(id);
    if (known === undefined) throw new Error(`there is no message ${id}`);
    const [channel, ts] = id.split(":");
    const tell = (type: string, mark: string): void => {
      const item = { type: "message", channel, ts };
      const name = slackNameOf(mark) ?? "question";
      const event_ts = this.#next().ts;
      this.events.tell({ type, user: person, reaction: name, item, event_ts });
    };
    if (known.reaction !== undefined) tell("reaction_removed", known.reaction);
    if (emoji !== null) tell("reaction_added", emoji);
    this.store.change(id, { reaction: emoji ?? undefined });
  }
}

function isPerson(id: string): boolean {
  return /^[UW][A-Z0-9]{2,20}$/.test(id);
}

/** Each person has one conversation with the app. */
function channelOf(person: string): string {
  return `D${person}`;
}

function personOf(channel: string): string | undefined {
  const person = channel.slice(1);
  return channel.startsWith("D") && isPerson(person) ? person : undefined;
}

/** A Slack workspace on loopback. Persons are member ids. */
export const createSlackSimulator: CreateSimulator = async ({ webhookUrl }) => {
  const faults = new Faults();
  const network = new SlackNetwork(faults, webhookUrl);
  const server = await startNetworkServer(async (request) => network.handle(request), faults, {
    isSend: ({ path }) => /\/(chat\.postMessage|files\.completeUploadExternal)$/.test(path),
    rateLimited(retryAfterMs) {
      const headers = { "retry-after": String(Math.max(1, Math.ceil(retryAfterMs / 1000))) };
      return { status: 429, headers, body: JSON.stringify({ ok: false, error: "ratelimited" }) };
    },
    serverError: () => json({ ok: false, error: "internal_error" }, 500),
  });
  network.files.baseUrl = server.url;
  const { store } = network;
  const simulator: Simulator = {
    settings: { baseUrl: `${server.url}/api/` },
    secrets: { botToken: TOKEN, signingSecret: SIGNING_SECRET },
    handset: {
      identity: { label: "a member id of Slack", example: EXAMPLE },
      business: BOT.user_id,
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
    idle: () => network.events.idle(),
    async close() {
      await network.events.close();
      await server.close();
    },
  };
  return simulator;
};
