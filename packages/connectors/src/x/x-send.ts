import { z } from "zod";
import type { ConnectionContext } from "../contract/context.ts";
import type {
  MediaSource,
  Rejected,
  SendContent,
  SendJob,
  SendResult,
  Unknown,
} from "../contract/send.ts";
import { tooLate } from "../wire/never-left.ts";
import { readMedia } from "../wire/read-media.ts";
import { callX } from "./x-api.ts";
import type { XSettings } from "./x-settings.ts";

type Context = ConnectionContext<XSettings>;

/** In UTF-16 code units, which are never fewer than what X counts. @see https://docs.x.com/x-api/direct-messages/manage/introduction */
export const MAX_TEXT = 10_000;
/** @see https://docs.x.com/x-api/media/quickstart/best-practices */
export const MAX_IMAGE_BYTES = 5 * 1024 * 1024;
/** What X takes in one piece. */
export const IMAGE_TYPES: readonly string[] = ["image/jpeg", "image/png", "image/webp"];

const createdSchema = z.object({ data: z.object({ dm_event_id: z.string().min(1) }) });
const uploadedSchema = z.object({ data: z.object({ id: z.string().min(1) }) });

/** The text, and links to media that are elsewhere: X fetches nothing. */
function textOf({ text, media }: SendContent): string {
  const links = media
    .filter(({ source }) => source === undefined)
    .map(({ part }) => (part.name === undefined ? part.url : `${part.name}: ${part.url}`));
  return [text, ...links].filter((line) => line !== "").join("\n");
}

/** What can be known before X is asked. */
function unsendable(
  { to, signal }: SendJob,
  text: string,
  sources: readonly MediaSource[],
): Rejected | undefined {
  if (!/^x:\d{1,19}$/.test(to)) {
    const reason =
      "X sends to the number of an account, such as x:2244994945, not to a name; it comes with their first message";
    return { outcome: "rejected", class: "invalid_recipient", reason };
  }
  if (text.length > MAX_TEXT) {
    const reason = `a message on X has at most ${MAX_TEXT} characters; make it shorter`;
    return { outcome: "rejected", class: "too_large", reason };
  }
  if (sources.length > 1) {
    const reason = "a message on X has at most one picture; send the others by themselves";
    return { outcome: "rejected", class: "unsupported", reason };
  }
  if (text === "" && sources.length === 0) {
    const reason = "there is nothing in the message that X can show";
    return { outcome: "rejected", class: "unsupported", reason };
  }
  return signal.aborted ? tooLate("X") : undefined;
}

/** Hands a message to X. */
export async function sendToX(job: SendJob, context: Context): Promise<SendResult> {
  const text = textOf(job.content);
  const sources = job.content.media.flatMap(({ source }) => source ?? []);
  const refused = unsendable(job, text, sources);
  if (refused !== undefined) return refused;
  const [source] = sources;
  const attachment = source === undefined ? undefined : await upload(source, context, job.signal);
  if (attachment?.isOk === false) return attachment.failure;
  const body = {
    ...(text !== "" && { text }),
    ...(attachment?.isOk && { attachments: [{ media_id: attachment.id }] }),
  };
  const path = `/2/dm_conversations/with/${job.to.slice("x:".length)}/messages`;
  const answer = await callX(context, { method: "POST", path, body }, job.signal);
  if (!answer.isOk) return answer.failure;
  const created = createdSchema.safeParse(answer.result);
  if (!created.success) {
    return { outcome: "unknown", reason: "X did not say what became of the message" };
  }
  return { outcome: "accepted", externalIds: [created.data.data.dm_event_id] };
}

type Uploaded =
  | { readonly isOk: true; readonly id: string }
  | { readonly isOk: false; readonly failure: Rejected };

/** Brings a picture to X. Nobody sees it before a message shows it, so whatever goes wrong can be tried again. */
async function upload(
  source: MediaSource,
  context: Context,
  signal: AbortSignal,
): Promise<Uploaded> {
  if (!IMAGE_TYPES.includes(source.mimeType)) {
    return failed(
      "unsupported",
      "X takes pictures as JPEG, PNG or WebP; send a link to anything else",
    );
  }
  let bytes: Buffer;
  try {
    bytes = await readMedia(source, MAX_IMAGE_BYTES);
  } catch {
    return failed("content_rejected", "the picture can't be read, or has more than 5 MB");
  }
  const form = new FormData();
  form.set("media", new Blob([new Uint8Array(bytes)], { type: source.mimeType }), source.name);
  form.set("media_category", "dm_image");
  form.set("media_type", source.mimeType);
  const request = { method: "POST", path: "/2/media/upload", body: form } as const;
  const answer = await callX(context, request, signal);
  if (!answer.isOk) return { isOk: false, failure: certainly(answer.failure) };
  const uploaded = uploadedSchema.safeParse(answer.result);
  if (uploaded.success) return { isOk: true, id: uploaded.data.data.id };
  return failed("network", "X did not take the picture; it is tried again");
}

function failed(name: Rejected["class"], reason: string): Uploaded {
  return { isOk: false, failure: { outcome: "rejected", class: name, reason } };
}

function certainly(failure: Rejected | Unknown): Rejected {
  if (failure.outcome === "rejected") return failure;
  return { outcome: "rejected", class: "network", reason: "the picture could not be brought to X" };
}
