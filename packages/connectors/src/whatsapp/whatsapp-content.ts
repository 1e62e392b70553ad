import { z } from "zod";
import type { InboundMessage, MediaReference } from "../contract/inbound-event.ts";

/** What somebody said. */
export type WhatsappContent = Pick<InboundMessage, "text" | "media" | "location" | "meta">;

const short = (max: number) => z.string().max(max).optional().catch(undefined);

const mediaSchema = z.looseObject({
  id: z.string().regex(/^\w{1,128}$/),
  mime_type: short(128),
  filename: short(256),
  caption: short(4096),
});

const locationSchema = z.looseObject({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  name: short(256),
  address: short(512),
});

const titled = z.looseObject({ id: short(256), title: z.string().min(1).max(1024) });
const interactiveSchema = z.looseObject({
  button_reply: titled.optional(),
  list_reply: titled.optional(),
});
const buttonSchema = z.looseObject({ text: z.string().min(1).max(1024), payload: short(1024) });

const contactsSchema = z.array(
  z.looseObject({
    name: z
      .looseObject({ formatted_name: short(256) })
      .optional()
      .catch(undefined),
    phones: z
      .array(z.looseObject({ phone: short(64) }))
      .optional()
      .catch(undefined),
  }),
);

type Fields = Readonly<Record<string, unknown>>;
type Reader = (fields: Fields) => WhatsappContent | undefined;

function mediaReader(name: string, kind: MediaReference["kind"]): Reader {
  return (fields) => {
    const read = mediaSchema.safeParse(fields[name]);
    if (!read.success) return undefined;
    const { id, mime_type: mimeType, filename, caption } = read.data;
    const media: MediaReference = {
      kind,
      ref: id,
      ...(filename === undefined || filename === "" ? {} : { name: filename }),
      ...(mimeType === undefined ? {} : { mimeType }),
    };
    return {
      media: [media],
      ...(caption === undefined || caption === "" ? {} : { text: caption }),
    };
  };
}

const READERS: Readonly<Record<string, Reader>> = {
  text: ({ text }) => {
    const body = z.looseObject({ body: z.string().min(1) }).safeParse(text).data?.body;
    return body === undefined ? undefined : { text: body };
  },
  image: mediaReader("image", "image"),
  sticker: mediaReader("sticker", "image"),
  audio: mediaReader("audio", "audio"),
  voice: mediaReader("voice", "audio"),
  video: mediaReader("video", "video"),
  document: mediaReader("document", "file"),
  location: ({ location }) => {
    const read = locationSchema.safeParse(location);
    if (!read.success) return undefined;
    const { latitude, longitude, name, address } = read.data;
    const label = (name ?? address ?? "").slice(0, 256);
    return { location: { latitude, longitude, ...(label === "" ? {} : { label }) } };
  },
  interactive: ({ interactive }) => {
    const read = interactiveSchema.safeParse(interactive).data;
    const chosen = read?.button_reply ?? read?.list_reply;
    return chosen === undefined ? undefined : chosenContent(chosen.title, chosen.id);
  },
  button: ({ button }) => {
    const read = buttonSchema.safeParse(button);
    return read.success ? chosenContent(read.data.text, read.data.payload) : undefined;
  },
  contacts: ({ contacts }) => {
    const people = contactsSchema.safeParse(contacts).data ?? [];
    const lines = people.map(({ name, phones = [] }) =>
      [name?.formatted_name, ...phones.map(({ phone }) => phone)].filter(Boolean).join(" "),
    );
    const text = lines.filter((line) => line !== "").join("\n");
    return text === "" ? undefined : { text };
  },
};

function chosenContent(text: string, payload: string | undefined): WhatsappContent {
  return {
    text,
    ...(payload === undefined || payload === "" ? {} : { meta: { buttonPayload: payload } }),
  };
}

/**
 * What a message says. One of a kind that can't be shown here is told as such, since somebody wrote and waits for an answer.
 */
export function contentOf(type: string, fields: Fields): WhatsappContent {
  const read = Object.hasOwn(READERS, type) ? READERS[type]?.(fields) : undefined;
  if (read !== undefined) return read;
  const kind = type.slice(0, 64);
  return {
    text: `[a message of a kind that can't be shown here: ${kind}]`,
    meta: { whatsappType: kind },
  };
}
