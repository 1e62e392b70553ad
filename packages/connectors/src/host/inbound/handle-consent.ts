import { stableId } from "@anywire/core";
import type { ConsentEntry } from "@anywire/types";
import type { InboundConsent, InboundMessage } from "../../contract/inbound-event.ts";
import type { InboundDesk, Work } from "./inbound-desk.ts";
import type { InboundOutcome } from "./inbound-options.ts";
import { contactBehind, contactChannel, type KnownContact } from "./known-contact.ts";

/** A longer text is no single word, whatever stands around it: what follows would take long over a stranger's megabyte of spaces. */
const MAX_KEYWORD_LENGTH = 256;
/** Marks around a word that people write along. */
const AROUND = /^[\s"'“”„‘’.!?,;:*]+|[\s"'“”„‘’.!?,;:*]+$/gu;

/**
 * Whether a message is one of the words with which people ask for no more messages, or for some again, as the connector's policy
 * says. A word for help is a message like any other: somebody, or a function, answers it. Who may be somebody else is
 * believed to want none, not to want some.
 */
export async function recordKeyword(
  desk: InboundDesk,
  work: Work<InboundMessage>,
  contact: KnownContact,
): Promise<void> {
  const { connection, event } = work;
  const { keywords } = connection.connector.policy;
  if (keywords === undefined || event.text === undefined) return;
  if (event.text.length > MAX_KEYWORD_LENGTH) return;
  const word = event.text.normalize("NFKC").replaceAll(AROUND, "").toLowerCase();
  const isOneOf = (words: readonly string[]): boolean =>
    words.some((one) => one.toLowerCase() === word);
  const isOut = isOneOf(keywords.out);
  if (!isOut && (event.isSenderProven === false || !isOneOf(keywords.in))) return;
  const state = isOut ? "out" : "in";
  const source = "keyword";
  const reason = `wrote ${word.slice(0, 64)}`;
  await recordConsent(desk, work, contact, { state, source, reason }, event.externalId);
}

/** What the network says of somebody's wish. */
export async function handleConsent(
  desk: InboundDesk,
  work: Work<InboundConsent>,
): Promise<InboundOutcome> {
  const { platform, event } = work;
  const contact = await contactBehind(desk, platform, event.sender);
  const { state, reason, at } = event;
  const wish = { state, source: "network", reason: reason.slice(0, 512) } as const;
  await recordConsent(desk, work, contact, wish, `${state} ${at}`);
  return "done";
}

/** Keeps a wish for each of the addresses by which the network knows the person: any of them may be written to. */
async function recordConsent(
  desk: InboundDesk,
  { platform, connection }: Work,
  { document, addresses, names }: KnownContact,
  wish: Pick<ConsentEntry, "state" | "source" | "reason">,
  cause: string,
): Promise<void> {
  const { id } = connection.document;
  for (const address of addresses) {
    await desk.record(
      "consent",
      {
        channel: contactChannel(platform, document.id),
        id: stableId(["consent", id, address, cause]),
        ...(wish.source === "keyword" ? { sender: names[0] } : {}),
      },
      { address, connection: id, ...wish },
    );
  }
}

/** Keeps that nothing more shall go to an address, as its network said of one delivery. */
export async function suppressAddress(
  desk: InboundDesk,
  { platform, connection }: Work,
  contact: string,
  address: string,
  cause: { readonly delivery: string; readonly reason: string },
): Promise<void> {
  const { id } = connection.document;
  await desk.record(
    "consent",
    {
      channel: contactChannel(platform, contact),
      id: stableId(["suppressed", id, cause.delivery]),
    },
    {
      ...{ address, connection: id, state: "out", source: "network" },
      reason: cause.reason.slice(0, 512),
    },
  );
}
