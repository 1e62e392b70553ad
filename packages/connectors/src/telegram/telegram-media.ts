import { AnywireError } from "@anywire/types";
import { z } from "zod";
import type { FetchedMedia } from "../contract/abilities.ts";
import { type ConnectionContext, secretOf } from "../contract/context.ts";
import type { MediaReference } from "../contract/inbound-event.ts";
import { apiRootOf, callTelegram } from "./telegram-api.ts";
import type { TelegramSettings } from "./telegram-settings.ts";

const fileSchema = z.object({
  // On a Bot API server of one's own it may be a path on that machine, which nobody can fetch.
  file_path: z.string().regex(/^[A-Za-z0-9_-]+(?:[/.][A-Za-z0-9_-]+)*$/),
  file_size: z.number().optional(),
});

/**
 * Fetches a file. Its URL has the bot's token in it, so it is made when it is needed and named nowhere.
 * @throws {AnywireError} `not_found` when Telegram does not give it, `too_large`, `unavailable`
 */
export async function fetchFromTelegram(
  media: MediaReference,
  context: ConnectionContext<TelegramSettings>,
  signal: AbortSignal,
): Promise<FetchedMedia> {
  const answer = await callTelegram(context, "getFile", { file_id: media.ref }, signal);
  if (!answer.isOk) throw refusal(answer.description, answer.failure.reason);
  const file = fileSchema.safeParse(answer.result);
  if (!file.success) throw new AnywireError("not_found", "Telegram names no place of the file");
  const { file_path, file_size } = file.data;
  const url = `${apiRootOf(context)}/file/bot${secretOf(context, "botToken")}/${file_path}`;
  const response = await fetch(url, { signal, redirect: "error" }).catch(() => undefined);
  if (response?.body == null || !response.ok) {
    await response?.body?.cancel();
    const status = response === undefined ? "no answer" : `status ${response.status}`;
    throw new AnywireError("unavailable", `Telegram did not give the file: ${status}`);
  }
  const { name, mimeType } = media;
  return {
    bytes: response.body as ReadableStream<Uint8Array>,
    ...(name !== undefined && { name }),
    ...(mimeType !== undefined && { mimeType }),
    ...(file_size !== undefined && { sizeBytes: file_size }),
  };
}

function refusal(description: string, reason: string): AnywireError {
  if (/too big/i.test(description)) {
    return new AnywireError("too_large", "Telegram gives bots no files of more than 20 MB");
  }
  return new AnywireError(/file/i.test(description) ? "not_found" : "unavailable", reason);
}
