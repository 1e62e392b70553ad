import { afterPublish } from "@anywire/functions";

/** What the team reads. */
const LANGUAGE = "en";

/**
 * Puts a translation under each message of a group that is in another language, by an API in the manner of LibreTranslate.
 * @see https://docs.libretranslate.com/
 */
export default afterPublish(
  "*.group.*",
  async ({ id, channel, message, trace }, { fetch, functionName, publish, secrets }) => {
    // Not its own translations again, nor what others make of them.
    if (message.text === "" || trace.via.includes(functionName)) return;
    const url = await secrets.get("TRANSLATE_URL");
    if (url === undefined) return;
    const answer = await fetch(`${url}/translate`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        q: message.text,
        source: "auto",
        target: LANGUAGE,
        api_key: await secrets.get("TRANSLATE_KEY"),
      }),
    });
    if (!answer.ok) throw new Error(`the translation API answered ${answer.status}`);
    const { translatedText, detectedLanguage } = (await answer.json()) as Translation;
    if (detectedLanguage.language === LANGUAGE) return;
    await publish(channel, {
      text: translatedText,
      replyTo: id,
      meta: { translatedFrom: detectedLanguage.language },
    });
  },
  { kinds: ["message"] },
);

interface Translation {
  readonly translatedText: string;
  readonly detectedLanguage: { readonly language: string };
}
