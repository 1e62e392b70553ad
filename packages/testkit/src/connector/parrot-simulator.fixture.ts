import { createHmac, randomUUID } from "node:crypto";
import type { CreateSimulator, HandsetMessage } from "@anywire/connectors";
import {
  Faults,
  HandsetStore,
  json,
  type NetworkAnswer,
  type NetworkRequest,
  SHARED_FAULTS,
  startNetworkServer,
  WebhookSender,
} from "@anywire/connectors/simulator";

const TOKEN = "token-of-the-parrot";
const SIGNING_SECRET = "secret-of-the-parrot";

/** What the network says of a message. */
type Told = Readonly<Record<string, unknown>>;

/** The network of the parrots, on loopback. */
export const createParrotSimulator: CreateSimulator = async ({ webhookUrl }) => {
  const faults = new Faults();
  const store = new HandsetStore();
  const webhooks = new WebhookSender(faults);
  const files = new Map<string, { readonly mimeType: string; readonly bytes: Buffer }>();
  let accepted = 0;
  let url = "";

  const tell = (event: Told): void => {
    const body = JSON.stringify({ at: Date.now(), ...event });
    webhooks.send(() => ({ url: webhookUrl, headers: signed(body, Date.now()), body }));
  };
  const keep = (mimeType: string, bytes: Buffer): string => {
    const id = randomUUID();
    files.set(id, { mimeType, bytes });
    return id;
  };
  const receipts = (message: HandsetMessage, deliveryId: string): void => {
    const failed = faults.take("fail_later") !== undefined;
    for (const status of failed ? ["sent", "failed"] : ["sent", "delivered"]) {
      tell({ type: "receipt", id: message.id, deliveryId, status });
    }
  };
  const send = (body: Told): NetworkAnswer => {
    const {
      to,
      text,
      deliveryId,
      replyTo,
      media = [],
    } = body as {
      to: string;
      text: string;
      deliveryId: string;
      replyTo?: string;
      media?: { name: string; mimeType: string; base64: string }[];
    };
    const known = store.find(deliveryId);
    if (known !== undefined) return json({ id: known.id });
    accepted += 1;
    const message = store.add({
      // The key is the id: so the network honours it.
      id: deliveryId,
      person: to,
      direction: "in",
      business: "parrots",
      text,
      media: media.map(({ name, mimeType, base64 }) => ({
        name,
        mimeType,
        url: `${url}/files/${keep(mimeType, Buffer.from(base64, "base64"))}`,
      })),
      ...(replyTo === undefined ? {} : { replyTo }),
      at: Date.now(),
      status: "sent",
    });
    receipts(message, deliveryId);
    return json({ id: message.id });
  };
  const change = (path: string, body: Told): NetworkAnswer => {
    const { id, text, emoji } = body as { id: string; text?: string; emoji?: string };
    const changes: Record<string, Partial<HandsetMessage>> = {
      "/edit": { text: text ?? "", isEdited: true },
      "/delete": { isDeleted: true },
      "/react": { reaction: emoji as string },
      "/read": { status: "read" },
    };
    store.change(id, changes[path] ?? {});
    return json({ id });
  };
  const handle = ({ path, headers, body }: NetworkRequest): NetworkAnswer => {
    if (headers["authorization"] !== `Bearer ${TOKEN}`) {
      return path.startsWith("/files/") ? file(path) : json({ error: "who are you?" }, 401);
    }
    if (path === "/health") return json({});
    if (path.startsWith("/files/")) return file(path);
    if (path.startsWith("/messages/")) {
      return json({ id: store.find(path.slice("/messages/".length))?.id ?? null });
    }
    const said = JSON.parse(body.toString() || "{}") as Told;
    return path === "/send" ? send(said) : change(path, said);
  };
  const file = (path: string): NetworkAnswer => {
    const found = files.get(path.slice("/files/".length));
    if (found === undefined) return json({}, 404);
    return { status: 200, headers: { "content-type": found.mimeType }, body: found.bytes };
  };
  const server = await startNetworkServer(handle, faults, {
    isSend: ({ path }) => path === "/send",
    rateLimited: (retryAfterMs) => json({ retryAfterMs }, 429),
    serverError: () => json({}, 500),
  });
  url = server.url;

  return {
    settings: { url },
    secrets: { token: TOKEN, signingSecret: SIGNING_SECRET },
    get accepted() {
      return accepted;
    },
    faults: [...SHARED_FAULTS, "fail_later"],
    inject: (fault) => faults.inject(fault),
    idle: () => webhooks.idle(),
    async close() {
      await webhooks.close();
      await server.close();
    },
    handset: {
      identity: { label: "a ring number", example: "ring-7" },
      business: "parrots",
      persons: () => store.persons(),
      messages: (person) => store.messages(person),
      onChange: (listener) => store.onChange(listener),
      async write(person, { text, media, replyTo }) {
        const message = store.add({
          id: randomUUID(),
          person,
          direction: "out",
          business: "parrots",
          text,
          media: [],
          ...(replyTo === undefined ? {} : { replyTo }),
          at: Date.now(),
          status: "sent",
        });
        const ref = media && keep(media.mimeType, Buffer.from(media.bytes));
        const { id } = message;
        tell({ type: "message", id, from: person, text, replyTo, media: ref });
        return message;
      },
      async read(person) {
        for (const { id, direction } of store.messages(person)) {
          if (direction !== "in") continue;
          store.change(id, { status: "read" });
          tell({ type: "receipt", id, deliveryId: id, status: "read" });
        }
      },
      async react(person, id, emoji) {
        tell({ type: "reaction", id, from: person, emoji: emoji ?? "👍", isOff: emoji === null });
      },
      async typing(person) {
        tell({ type: "typing", from: person });
      },
      async changeIdentity(person, to) {
        store.rename(person, to);
        tell({ type: "renamed", from: person, to });
      },
    },
  };
};

/** The headers of a webhook. */
export function signed(body: string, at: number): Record<string, string> {
  return {
    "content-type": "application/json",
    "x-parrot-timestamp": String(at),
    "x-parrot-signature": createHmac("sha256", SIGNING_SECRET)
      .update(`${at}.${body}`)
      .digest("hex"),
  };
}

/** The secrets of a connection to it. */
export const PARROT_SECRETS = { token: TOKEN, signingSecret: SIGNING_SECRET };
