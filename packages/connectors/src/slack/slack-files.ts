import { AnywireError } from "@anywire/types";
import { z } from "zod";
import type { FetchedMedia } from "../contract/abilities.ts";
import { type ConnectionContext, secretOf } from "../contract/context.ts";
import type { MediaReference } from "../contract/inbound-event.ts";
import type { MediaSource, Rejected, Unknown } from "../contract/send.ts";
import { withoutAnswer } from "../wire/never-left.ts";
import { readMedia } from "../wire/read-media.ts";
import { callSlack } from "./slack-api.ts";
import type { SlackSettings } from "./slack-settings.ts";

type Context = ConnectionContext<SlackSettings>;

/** Slack takes 1 GB; what is sent is held in memory. */
export const MAX_FILE_BYTES = 100 * 1024 * 1024;

const uploadSchema = z.object({ upload_url: z.url(), file_id: z.string().min(1) });

const infoSchema = z.object({
  file: z.object({
    name: z.string().optional(),
    mimetype: z.string().optional(),
    size: z.number().optional(),
    url_private: z.string().optional(),
    url_private_download: z.string().optional(),
    shares: z
      .record(z.string(), z.record(z.string(), z.array(z.object({ ts: z.string() }))))
      .optional(),
  }),
});

/** A file that Slack has, and nobody sees yet. */
export type Upload =
  | { readonly isOk: true; readonly id: string }
  | { readonly isOk: false; readonly failure: Rejected | Unknown };

/** Brings a file to Slack. Nothing of it is seen before it is shared, so whatever goes wrong can be tried again. */
export async function uploadToSlack(
  source: MediaSource,
  context: Context,
  signal: AbortSignal,
): Promise<Upload> {
  let bytes: Buffer;
  try {
    bytes = await readMedia(source, MAX_FILE_BYTES);
  } catch {
    const reason = "an attachment of the message can't be read; see whether it is still there";
    return { isOk: false, failure: { outcome: "rejected", class: "content_rejected", reason } };
  }
  const asked = { filename: source.name, length: bytes.length };
  const answer = await callSlack(context, "files.getUploadURLExternal", asked, signal);
  if (!answer.isOk) return { isOk: false, failure: certainly(answer.failure) };
  const upload = uploadSchema.safeParse(answer.result);
  if (!upload.success || !isOfSlack(upload.data.upload_url, context)) return notTaken();
  try {
    const { upload_url } = upload.data;
    const body = new Uint8Array(bytes);
    const response = await fetch(upload_url, { method: "POST", body, signal, redirect: "error" });
    await response.arrayBuffer();
    return response.ok ? { isOk: true, id: upload.data.file_id } : notTaken();
  } catch (error) {
    return { isOk: false, failure: certainly(withoutAnswer("Slack", error)) };
  }
}

function notTaken(): Upload {
  const reason = "Slack did not take the file; it is tried again";
  return { isOk: false, failure: { outcome: "rejected", class: "network", reason } };
}

function certainly(failure: Rejected | Unknown): Rejected {
  if (failure.outcome === "rejected") return failure;
  return { outcome: "rejected", class: "network", reason: `a file could not be brought to Slack` };
}

/** The time, and by it the name, of the message that shows a file; undefined while Slack has not told. */
export async function shownAt(
  file: string,
  channel: string,
  context: Context,
  signal: AbortSignal,
): Promise<string | undefined> {
  const answer = await callSlack(context, "files.info", { file }, signal);
  const info = infoSchema.safeParse(answer.isOk ? answer.result : undefined);
  const shares = Object.values(info.data?.file.shares ?? {});
  return shares.map((byChannel) => byChannel[channel]?.[0]?.ts).find((ts) => ts !== undefined);
}

/**
 * Fetches a file that a person sent. The token goes to Slack's own hosts only, whatever Slack says where it is.
 * @throws {AnywireError} `not_found`, `permission_denied`, `unavailable`
 */
export async function fetchFromSlack(
  media: MediaReference,
  context: Context,
  signal: AbortSignal,
): Promise<FetchedMedia> {
  const answer = await callSlack(context, "files.info", { file: media.ref }, signal);
  if (!answer.isOk) {
    const isGone = /^file_(not_found|deleted)$/.test(answer.error ?? "");
    throw new AnywireError(isGone ? "not_found" : "unavailable", answer.failure.reason);
  }
  const { file } = infoSchema.parse(answer.result);
  const url = file.url_private_download ?? file.url_private ?? "";
  if (!isOfSlack(url, context)) {
    throw new AnywireError("permission_denied", "the file is not at Slack; it is not fetched");
  }
  const headers = { authorization: `Bearer ${secretOf(context, "botToken")}` };
  const response = await fetch(url, { headers, signal, redirect: "error" }).catch(() => undefined);
  // Whoever may not have a file is shown the page to sign in at.
  const type = response?.headers.get("content-type") ?? "";
  const isPage = type.startsWith("text/html") && file.mimetype !== "text/html";
  if (response?.body == null || !response.ok || isPage) {
    await response?.body?.cancel();
    const what = isPage ? "the app needs the scope files:read" : "it is tried again";
    throw new AnywireError("unavailable", `Slack did not give the file: ${what}`);
  }
  const { name = media.name, mimetype = media.mimeType, size } = file;
  return {
    bytes: response.body as ReadableStream<Uint8Array>,
    ...(name !== undefined && { name }),
    ...(mimetype !== undefined && { mimeType: mimetype }),
    ...(size !== undefined && { sizeBytes: size }),
  };
}

/** Whether a URL leads to Slack, or to where the connection's own API is. */
function isOfSlack(text: string, { settings }: Context): boolean {
  const url = URL.parse(text);
  if (url === null) return false;
  if (url.origin === new URL(settings.baseUrl).origin) return true;
  return url.protocol === "https:" && /(^|\.)slack(-gov)?\.com$/.test(url.hostname);
}
