import { stableId } from "@anywire/core";
import {
  AnywireError,
  ERRORS,
  type Message,
  type MessagePart,
  toAnywireError,
} from "@anywire/types";
import { type FetchedMedia, hasMedia } from "../../contract/abilities.ts";
import type { InboundMessage, MediaReference } from "../../contract/inbound-event.ts";
import { inTime } from "../connections/install-connection.ts";
import { byteStream } from "./byte-stream.ts";
import { cleanFileName, cleanLine, wellFormed } from "./clean-text.ts";
import { fitMessage } from "./fit-message.ts";
import type { InboundDesk, Work } from "./inbound-desk.ts";

/** Attempts to fetch media before a message comes without: what comes after it waits. */
const FETCH_ATTEMPTS = 4;
/** The same where the network hangs, which takes long. */
const SLOW_ATTEMPTS = 2;
/** More parts a message can't have; some are kept for notes. */
const MAX_MEDIA = 28;
const MAX_META_KEYS = 64;
const MAX_KEY_LENGTH = 64;

const WORDS: Readonly<Record<MediaReference["kind"], string>> = {
  image: "A picture",
  audio: "A recording",
  video: "A video",
  file: "A file",
};

/** Media that are not in a message, and why: kept in its `meta`. */
interface MissingMedia {
  readonly kind: MediaReference["kind"];
  readonly name?: string;
  readonly reason: string;
}

/**
 * What a message from outside says. Media are fetched and stored; what can't be becomes a note in its place. A text that is too
 * long is cut, and is whole in an attachment.
 * @throws {AnywireError} that may be retried, while media may still come
 */
export async function messageContent(
  desk: InboundDesk,
  work: Work<InboundMessage>,
): Promise<Message> {
  const { event } = work;
  const { media = [] } = event;
  const parts: MessagePart[] = [];
  const missing: MissingMedia[] = [];
  for (const [i, one] of media.slice(0, MAX_MEDIA).entries()) {
    const taken = await takeMedia(desk, work, one, i);
    if ("reason" in taken) missing.push(taken);
    else parts.push(taken);
  }
  for (const { kind, name, reason } of media.slice(MAX_MEDIA).map(leftOut)) {
    missing.push({ kind, reason, ...(name === undefined ? {} : { name }) });
  }
  parts.push(...locationPart(event), ...notePart(missing));
  const text = wellFormed(event.text ?? "");
  const meta = metaOf(event, missing);
  const message: Message = {
    ...(text === "" ? {} : { text }),
    ...(parts.length === 0 ? {} : { parts }),
    ...(Object.keys(meta).length === 0 ? {} : { meta }),
  };
  const isEmpty = text === "" && parts.length === 0;
  return await fitMessage(desk, work, isEmpty ? { ...message, text: "(nothing)" } : message);
}

/** Why media are not here, and how often it is worth trying. */
class MediaTrouble extends Error {
  override readonly name = "MediaTrouble";
  readonly error: AnywireError;
  readonly attempts: number;

  constructor(error: AnywireError, attempts: number) {
    super(error.message);
    this.error = error;
    this.attempts = ERRORS[error.code].retry ? attempts : 1;
  }
}

async function takeMedia(
  desk: InboundDesk,
  work: Work<InboundMessage>,
  media: MediaReference,
  index: number,
): Promise<MessagePart | MissingMedia> {
  const { kind } = media;
  const name = media.name === undefined ? undefined : cleanFileName(media.name);
  try {
    return await storeOne(desk, work, media, index);
  } catch (thrown) {
    if (!(thrown instanceof MediaTrouble)) throw thrown;
    const { error, attempts } = thrown;
    if (work.attempt < attempts) throw error;
    desk.options.onError(
      new AnywireError(
        error.code,
        `connection ${work.connection.document.id}: media of message ${work.event.externalId} could not be taken in: ${error.message}`,
        { cause: error },
      ),
    );
    const reason = error.code === "internal" ? "the network did not give it" : error.message;
    return { kind, reason: reason.slice(0, 200), ...(name === undefined ? {} : { name }) };
  }
}

async function storeOne(
  desk: InboundDesk,
  { platform, connection, event }: Work<InboundMessage>,
  media: MediaReference,
  index: number,
): Promise<MessagePart> {
  const signal = AbortSignal.timeout(desk.settings.mediaTimeoutMs);
  const fetched = await inTime(fetchOne(connection, media, signal), signal).catch((thrown) => {
    const attempts = signal.aborted ? SLOW_ATTEMPTS : FETCH_ATTEMPTS;
    throw new MediaTrouble(toAnywireError(thrown), attempts);
  });
  const { name: given = media.name, ...rest } = fetched;
  const name = given === undefined ? undefined : cleanFileName(given);
  const mimeType = fetched.mimeType ?? media.mimeType;
  // Who takes it in need not know of the time it may take.
  const bytes = fetched.bytes.pipeThrough(new TransformStream(), { signal });
  const storing = inTime(
    desk.options.storeMedia(
      { ...rest, bytes },
      {
        platform,
        id: stableId([connection.document.id, event.externalId, `${index}`]),
        kind: media.kind,
        ...(name === undefined ? {} : { name }),
        ...(mimeType === undefined ? {} : { mimeType }),
      },
    ),
    signal,
  );
  return await storing.catch((thrown) => {
    const error = toAnywireError(thrown);
    // Where our own store is away, media wait for it as the message does; a stream that broke is the network's.
    const isOurs = !signal.aborted && error.code !== "internal";
    const attempts = isOurs ? desk.settings.maxAttempts : SLOW_ATTEMPTS;
    throw new MediaTrouble(error, attempts);
  });
}

async function fetchOne(
  { connector, context }: Work["connection"],
  media: MediaReference,
  signal: AbortSignal,
): Promise<FetchedMedia> {
  const { bytes, name, mimeType } = media;
  if (bytes !== undefined) {
    return {
      bytes: byteStream(bytes),
      sizeBytes: bytes.byteLength,
      ...(name === undefined ? {} : { name }),
      ...(mimeType === undefined ? {} : { mimeType }),
    };
  }
  if (hasMedia(connector)) return await connector.fetchMedia(media, context, signal);
  throw new AnywireError("unsupported", `${connector.displayName} can't fetch media`);
}

function leftOut({ kind, name }: MediaReference): MissingMedia {
  const clean = name === undefined ? undefined : cleanFileName(name);
  const reason = `a message has at most ${MAX_MEDIA}`;
  return { kind, reason, ...(clean === undefined ? {} : { name: clean }) };
}

function locationPart({ location }: InboundMessage): MessagePart[] {
  if (location === undefined) return [];
  const { latitude, longitude } = location;
  // A place that is none is told as it came.
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) {
    return [{ type: "text", text: `Location: ${latitude}, ${longitude}` }];
  }
  const label = location.label === undefined ? undefined : cleanLine(location.label);
  return [{ type: "location", latitude, longitude, ...(label === undefined ? {} : { label }) }];
}

function notePart(missing: readonly MissingMedia[]): MessagePart[] {
  if (missing.length === 0) return [];
  const lines = missing.map(({ kind, name, reason }) => {
    const what = name === undefined ? WORDS[kind] : `${WORDS[kind]} (${name})`;
    return `[${what} could not be taken in: ${reason}]`;
  });
  return [{ type: "text", text: lines.slice(0, MAX_MEDIA).join("\n") }];
}

function metaOf(
  { meta = {} }: InboundMessage,
  missing: readonly MissingMedia[],
): NonNullable<Message["meta"]> {
  const given = Object.entries(meta)
    .filter(([key]) => key.length >= 1 && key.length <= MAX_KEY_LENGTH)
    .slice(0, MAX_META_KEYS);
  return {
    ...Object.fromEntries(given),
    ...(missing.length === 0 ? {} : { missingMedia: missing.map((one) => ({ ...one })) }),
  };
}
