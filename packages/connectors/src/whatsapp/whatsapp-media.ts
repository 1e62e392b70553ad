import { z } from "zod";
import type { FetchedMedia } from "../contract/abilities.ts";
import type { ConnectionContext } from "../contract/context.ts";
import type { MediaReference } from "../contract/inbound-event.ts";
import type { MediaSource, Rejected } from "../contract/send.ts";
import { readMedia } from "../wire/read-media.ts";
import { bearer, callWhatsapp, errorCodeOf, parsed, rejectedOf } from "./whatsapp-call.ts";
import type { WhatsappSettings } from "./whatsapp-settings.ts";

type Context = ConnectionContext<WhatsappSettings>;

const MIB = 1024 * 1024;
/** The largest that WhatsApp takes of any kind. */
const MAX_DOCUMENT_BYTES = 100 * MIB;

/**
 * What WhatsApp takes.
 * @see https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media
 */
export const WHATSAPP_MEDIA = {
  image: { maxBytes: 5 * MIB, mimeTypes: ["image/jpeg", "image/png"] },
  audio: {
    maxBytes: 16 * MIB,
    mimeTypes: ["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"],
  },
  video: { maxBytes: 16 * MIB, mimeTypes: ["video/mp4", "video/3gpp"] },
  file: {
    maxBytes: MAX_DOCUMENT_BYTES,
    mimeTypes: [
      "text/plain",
      "application/pdf",
      "application/msword",
      "application/vnd.ms-excel",
      "application/vnd.ms-powerpoint",
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
      "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
      "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ],
  },
} as const;

const uploadedSchema = z.looseObject({ id: z.string().min(1).max(128) });

/** Gives bytes to Meta, which keeps them for 30 days. Whatever goes wrong, no message has gone out by it. */
export async function uploadMedia(
  source: MediaSource,
  context: Context,
  signal: AbortSignal,
): Promise<{ readonly id: string } | Rejected> {
  const form = new FormData();
  form.append("messaging_product", "whatsapp");
  form.append("type", source.mimeType);
  try {
    const bytes = await readMedia(source, MAX_DOCUMENT_BYTES);
    const blob = new Blob([new Uint8Array(bytes)], { type: source.mimeType });
    form.append("file", blob, source.name);
  } catch {
    const reason = "an attachment can't be read; see whether it is still there";
    return { outcome: "rejected", class: "content_rejected", reason };
  }
  const result = await callWhatsapp(
    context,
    `${context.settings.phoneNumberId}/media`,
    signal,
    form,
  );
  if (result.kind === "answered") {
    const uploaded = uploadedSchema.safeParse(parsed(result.text));
    if (result.status < 300 && uploaded.success) return { id: uploaded.data.id };
    if (result.status >= 400 && result.status < 500) return rejectedOf(result, errorCodeOf(result));
  }
  const reason = "an attachment could not be given to Meta; nothing was sent yet";
  return { outcome: "rejected", class: "network", reason };
}

const describedSchema = z.looseObject({
  url: z.url(),
  mime_type: z.string().max(128).optional().catch(undefined),
  file_size: z.coerce.number().int().positive().optional().catch(undefined),
});

/** Where Meta keeps media. */
const META_HOST = /^(?:[a-z0-9-]+\.)*(?:fbsbx\.com|fbcdn\.net|whatsapp\.net)$/;

/** Fetches media of a message: asks the API where they are, and takes them from there if that is Meta's. */
export async function fetchWhatsappMedia(
  { ref, name }: MediaReference,
  context: Context,
  signal: AbortSignal,
): Promise<FetchedMedia> {
  if (!/^\w{1,128}$/.test(ref)) throw new Error("this is no id of media at Meta");
  const { phoneNumberId, baseUrl } = context.settings;
  const path = `${ref}?phone_number_id=${phoneNumberId}`;
  const result = await callWhatsapp(context, path, signal);
  const described = describedSchema.safeParse(
    result.kind === "answered" && result.status < 300 ? parsed(result.text) : undefined,
  );
  if (!described.success)
    throw new Error("Meta does not tell where the media are; they may have expired");
  const { url, mime_type: mimeType, file_size: sizeBytes } = described.data;
  if (!isMetas(new URL(url), new URL(baseUrl))) {
    throw new Error("the media are not on a host of Meta's; they are not fetched");
  }
  const response = await fetch(url, { redirect: "error", signal, headers: bearer(context) });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new Error(`Meta answered ${response.status} for the media`);
  }
  return {
    bytes: response.body,
    ...(name === undefined ? {} : { name }),
    ...(mimeType === undefined ? {} : { mimeType }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
  };
}

function isMetas(url: URL, api: URL): boolean {
  if (url.origin === api.origin) return true;
  return url.protocol === "https:" && url.port === "" && META_HOST.test(url.hostname);
}
