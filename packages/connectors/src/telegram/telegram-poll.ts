import { z } from "zod";
import type { Receiver } from "../contract/abilities.ts";
import { type ConnectionContext, secretOf } from "../contract/context.ts";
import { whyNotAsked } from "../wire/never-left.ts";
import { callTelegram } from "./telegram-api.ts";
import { TELEGRAM_UPDATES, type TelegramSettings } from "./telegram-settings.ts";

/** How long Telegram waits for something to tell before it answers with nothing, in seconds. */
const WAIT_S = 25;
const CURSOR = /^(\d+):(\d+)$/;

const updatesSchema = z.array(z.looseObject({ update_id: z.int() }));

/**
 * Asks for updates until the signal aborts. Telegram forgets an update when it is asked for those behind it: that is done only when
 * it is durable here. Where webhooks are made nothing has to be asked for.
 */
export async function pollTelegram(
  context: ConnectionContext<TelegramSettings>,
  receiver: Receiver,
  signal: AbortSignal,
): Promise<void> {
  if (context.settings.mode === "webhook") return aborted(signal);
  const bot = botOf(context);
  let offset = offsetIn(await receiver.loadCursor(), bot);
  while (!signal.aborted) {
    const asked = { offset, timeout: WAIT_S, allowed_updates: TELEGRAM_UPDATES };
    const answer = await callTelegram(context, "getUpdates", asked, signal);
    if (signal.aborted) return;
    if (!answer.isOk) throw new Error(whyNotAsked("Telegram", answer.failure));
    for (const update of updatesSchema.parse(answer.result)) {
      await receiver.receive({
        method: "POST",
        url: context.webhookUrl,
        headers: { "content-type": "application/json" },
        body: Buffer.from(JSON.stringify(update)),
      });
      offset = update.update_id + 1;
      await receiver.saveCursor(`${bot}:${offset}`);
    }
  }
}

/** A token begins with the bot's number. */
function botOf(context: ConnectionContext<TelegramSettings>): string {
  return secretOf(context, "botToken").split(":")[0] ?? "";
}

/** Another bot counts by itself: from its place of the one before it, what it has to tell would be skipped. */
function offsetIn(cursor: string | undefined, bot: string): number | undefined {
  const [, owner, offset] = CURSOR.exec(cursor ?? "") ?? [];
  return owner === bot ? Number(offset) : undefined;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
