import type { SendResult } from "@anywire/connectors";
import {
  type Broken,
  changing,
  claiming,
  dropping,
  having,
  listening,
  saying,
  sending,
  telling,
  verifying,
} from "./broken-parrot.fixture.ts";
import { parrot } from "./parrot.fixture.ts";
import { createParrotSimulator, PARROT_SECRETS } from "./parrot-simulator.fixture.ts";

const accepted: SendResult = { outcome: "accepted", externalIds: ["made-up"] };
const lost = (reason: string): SendResult => ({ outcome: "rejected", class: "network", reason });
let count = 0;
let latest = 0;
const met = new Set<string>();

/** For each rule about conversations, connectors that break it. */
export const brokenConversations: Readonly<Record<string, readonly Broken[]>> = {
  "brings a text to the person exactly as it was said": [
    saying(
      ({ content }) => ({ content: { ...content, text: content.text.replace("&", "&amp;") } }),
      /must have the text once, and has it 0 times/,
    ),
    claiming(
      (result) => (result.outcome === "accepted" ? { ...result, externalIds: [] } : result),
      /without an external id/,
    ),
    sending(
      () => async () => {
        throw new Error("oops");
      },
      /must resolve with an outcome, and threw: oops/,
    ),
  ],
  "brings a text of the greatest length that it declares": [
    saying(
      ({ content }) => ({ content: { ...content, text: content.text.slice(0, 4999) } }),
      /maxLength \(5000\)/,
    ),
  ],
  "gives every message ids of its own": [
    claiming((result) => (result.outcome === "accepted" ? accepted : result), /one external id/),
  ],
  "begins a conversation where it declares that it can": [
    having(
      {
        parse: async (request, context) => {
          met.add(context.webhookUrl);
          return parrot.parse(request, context);
        },
        send: async (job, context) =>
          met.has(context.webhookUrl) ? parrot.send(job, context) : lost("who?"),
      },
      /not accepted/,
    ),
  ],
  "tells each receipt that it declares, in order, with whose it is": [
    dropping(
      ({ type, ...event }) => "status" in event && event.status === "delivered",
      /event of type receipt/,
    ),
    changing(
      ({ type }) => (type === "receipt" ? { externalId: "m", deliveryId: undefined } : {}),
      /names neither the delivery/,
    ),
    dropping(
      (event) => event.type === "receipt" && event.status === "read",
      /event of type receipt/,
    ),
    telling(
      (events) =>
        events.map((event) => (event.type === "receipt" ? { ...event, status: "sent" } : event)),
      /event of type receipt/,
    ),
  ],
  "tells that a message failed later": [
    having({}, /receipts\.failed: false where the network never tells/, {
      simulator: async (options) => {
        const network = await createParrotSimulator(options);
        return { ...network, faults: [] };
      },
    }),
    dropping(
      (event) => event.type === "receipt" && event.status === "failed",
      /event of type receipt/,
    ),
  ],
  "answers the very message that it was told to": [
    sending(
      (send) =>
        ({ replyTo: __, ...job }, context) =>
          send(job, context),
      /what the message answers/,
    ),
  ],
  "brings each kind of media that it declares, with its bytes": [
    saying(({ content }) => ({ content: { ...content, media: [] } }), /the person sees none/),
  ],
  "tells what a person writes, exactly, with whom it is from and when": [
    listening(
      async () => {
        throw new Error("no ears");
      },
      /listen gave up: no ears/,
      { parse: async () => [] },
    ),
    changing(
      (event) => ("text" in event ? { text: event.text?.toLowerCase() } : {}),
      /event of type message/,
    ),
    changing(({ at }) => ({ at: Math.floor(at / 1000) }), /is it in seconds/),
    changing(() => ({ sender: { addresses: [] } }), /no sender.addresses/),
    verifying(() => () => ({ isGenuine: false, reason: "bad day" }), /bad day/),
  ],
  "says of an answer that it is from the address that was written to": [
    changing(
      (event) => ("sender" in event ? { sender: { addresses: ["parrot:ring-8"] } } : {}),
      /written to at parrot:ring-7 is from \[ 'parrot:ring-8' \]/,
    ),
  ],
  "names a message the same when its webhook comes twice, and two messages differently": [
    changing(() => ({ externalId: `m-${++count}` }), /two external ids/),
    changing(() => ({ externalId: "m" }), /share an external id/),
  ],
  "tells the same, in whatever order webhooks come": [
    telling(
      (events) =>
        events.filter(({ at }) => {
          const isNew = at > latest;
          latest = at;
          return isNew;
        }),
      /event of type message/,
    ),
  ],
  "tells which message of ours a person answers": [
    changing(() => ({ replyTo: "another" }), /use the same name in both/),
  ],
  "tells of media that a person sends, and fetches them whole": [
    having(
      {
        fetchMedia: async () => ({ mimeType: "image/png", bytes: new Blob(["half"]).stream() }),
      },
      /other bytes than were sent/,
    ),
    changing(() => ({ media: [] }), /event of type message/),
  ],
  "knows a person again who has a new number or name": [
    dropping(({ type }) => type === "identity_changed", /nothing ties/),
  ],
  "changes what was sent": [having({ edit: async () => accepted }, /must have the text once/)],
  "takes back what was sent": [having({ delete: async () => accepted }, /no longer have/)],
  "puts a mark on a message, and takes it off": [
    having({ react: async () => accepted }, /the mark that the person sees/),
    having(
      { react: (job, context) => parrot.react({ ...job, action: "add" }, context) },
      /after it was taken off/,
    ),
  ],
  "tells of a mark that a person puts on a message of ours, and of its end": [
    dropping(({ type }) => type === "reaction", /event of type reaction/),
    changing(({ type }) => (type === "reaction" ? { externalId: "m" } : {}), /a reaction is on m/),
  ],
  "tells that a person is writing": [
    dropping(({ type }) => type === "typing", /event of type typing/),
  ],
  "shows that somebody is writing, and that somebody has read": [
    having({ markRead: async () => undefined }, /must see that it was read/),
  ],
  "estimates a message without the network: at least one part, more for more text": [
    having({ estimate: () => ({ segments: 0 }) }, /is estimated as 0 parts/),
  ],
  "says that it is well when the network answers, and not when it does not": [
    having({ health: async () => ({ state: "ok", reason: null, humanAction: "none" }) }, /is gone/),
  ],
  "can be installed again and again": [
    having(
      {
        install: async (context) => {
          if (met.has(`installed ${context.webhookUrl}`)) throw new Error("installed already");
          met.add(`installed ${context.webhookUrl}`);
        },
      },
      /installed already/,
    ),
  ],
  "says rejected, and when to come back, when the network wants it slower": [
    claiming((result) => (result.outcome === "rejected" ? lost("later") : result), /rate_limited/),
    claiming(
      (result) => ("retryAfterMs" in result ? { ...result, retryAfterMs: 2 } : result),
      /retryAfterMs is 2/,
    ),
  ],
  "says a time that is one, or none, when the network names a date to come back at": [
    claiming(
      (result) => ("retryAfterMs" in result ? { ...result, retryAfterMs: Number.NaN } : result),
      /retryAfterMs is NaN/,
    ),
  ],
  "never says accepted when the network breaks, and leaves trying again to the host": [
    sending(
      (send) => async (job, context) => {
        const result = await send(job, context);
        return result.outcome === "rejected" ? send(job, context) : result;
      },
      /try nothing again/,
    ),
    claiming(
      (result) =>
        result.outcome === "rejected" ? { ...result, class: "content_rejected" } : result,
      /passing trouble/,
    ),
  ],
  "never says accepted when a page of HTML comes instead of an answer": [
    claiming(
      (result) => (result.outcome === "unknown" ? accepted : result),
      /check the whole answer/,
    ),
  ],
  "says unknown when the message is gone and no answer comes": [
    claiming(
      (result) => (result.outcome === "unknown" ? lost("timed out") : result),
      /this is unknown/,
    ),
  ],
  "says unknown when the connection breaks in the middle of the answer": [
    claiming(
      (result) => (result.outcome === "unknown" ? lost("closed") : result),
      /this is unknown/,
    ),
    having({ reconcile: async () => lost("not there") }, /would send it again/),
  ],
  "never says of a message that the network has not that it arrived": [
    having({ reconcile: async () => accepted }, /made something up/),
  ],
  "sends a message once where it declares that the network honours its key": [
    saying(() => ({ deliveryId: `d-${++count}` }), /once, and has it 2 times/),
  ],
  "sends nothing when its signal is aborted already": [
    saying(() => ({ signal: new AbortController().signal }), /heed job.signal/),
  ],
  "says rejected for want of the network when nobody is there": [
    claiming(
      (result) => (result.outcome === "rejected" ? { outcome: "unknown", reason: "?" } : result),
      /rejected as network/,
    ),
  ],
  "tells no secret in a reason, an error or a log": [
    listening(async ({ secrets }) => {
      throw new Error(`the network does not know ${secrets["token"]?.[0]}`);
    }, /the secret token is told: listen gave up/),
    having(
      {
        health: async ({ secrets }) => {
          const reason = `${secrets["token"]?.[0]} is asleep`;
          return { state: "down", reason, humanAction: "none" };
        },
      },
      /the secret token is told/,
    ),
    having(
      {
        install: async ({ secrets }) => {
          const [secret] = secrets["signingSecret"] ?? [];
          if (secret !== PARROT_SECRETS.signingSecret) throw new Error(`who is ${secret}?`);
        },
      },
      /the secret signingSecret is told/,
    ),
    sending(
      (send) => async (job, context) => {
        const result = await send(job, context);
        const reason = `Bearer ${context.secrets["token"]?.[0]} was refused`;
        return result.outcome === "rejected" ? { ...result, reason } : result;
      },
      /the secret token is told/,
    ),
    sending(
      (send) => (job, context) => {
        const { console: spoken } = globalThis;
        spoken.debug("sending", context.secrets);
        return send(job, context);
      },
      /the secret token is told/,
    ),
  ],
  "says auth when the network refuses its secrets": [
    claiming((result) => (result.outcome === "rejected" ? lost("no") : result), /say auth/),
  ],
};
