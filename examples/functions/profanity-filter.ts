import { beforePublish } from "@anywire/functions";

/** What is masked until the key `rude-words` says otherwise, in lower case. */
const RUDE_WORDS = ["arse", "bloody", "crap", "damn"];

/** Masks rude words in groups, in new messages and in edits. The list can change while it runs. */
export default beforePublish("*.group.*", async ({ message }, { kv }) => {
  const rude = new Set((await kv.get<string[]>("rude-words")) ?? RUDE_WORDS);
  const mask = (text: string): string =>
    text.replace(/[\p{L}\p{N}]+/gu, (word) =>
      rude.has(word.toLowerCase()) ? "*".repeat(word.length) : word,
    );
  message.text = mask(message.text);
  for (const part of message.parts ?? []) {
    if (part.type === "text") part.text = mask(part.text);
  }
});
