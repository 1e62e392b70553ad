/** Marks by the names that Slack has for them; the first name of each is the one to send. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  "👍": ["+1", "thumbsup"],
  "👎": ["-1", "thumbsdown"],
  "❤️": ["heart"],
  "😂": ["joy"],
  "😄": ["smile"],
  "😊": ["blush"],
  "🙂": ["slightly_smiling_face"],
  "😉": ["wink"],
  "😍": ["heart_eyes"],
  "😎": ["sunglasses"],
  "🤔": ["thinking_face"],
  "😢": ["cry"],
  "😭": ["sob"],
  "😡": ["rage"],
  "😱": ["scream"],
  "😮": ["open_mouth"],
  "🎉": ["tada"],
  "🙏": ["pray"],
  "👏": ["clap"],
  "🙌": ["raised_hands"],
  "👋": ["wave"],
  "💪": ["muscle"],
  "👀": ["eyes"],
  "✅": ["white_check_mark"],
  "❌": ["x"],
  "🔥": ["fire"],
  "🚀": ["rocket"],
  "💯": ["100"],
  "⭐": ["star"],
  "👌": ["ok_hand"],
  "🤝": ["handshake"],
  "❓": ["question"],
  "❗": ["exclamation", "heavy_exclamation_mark"],
  "⏳": ["hourglass_flowing_sand"],
  "💡": ["bulb"],
};

const BY_NAME = new Map(
  Object.entries(NAMES).flatMap(([emoji, names]) => names.map((name) => [name, emoji] as const)),
);

/** The marks that can be put on a message from here. */
export const SLACK_REACTIONS: readonly string[] = Object.keys(NAMES);

/** What Slack calls a mark; undefined when it is none of ours. */
export function slackNameOf(emoji: string): string | undefined {
  const plain = emoji.replace(/\uFE0F$/, "");
  return (NAMES[emoji] ?? NAMES[plain] ?? NAMES[`${plain}\uFE0F`])?.[0];
}

/** The mark of a name, whatever its skin tone; a workspace's own stays a name, such as `:parrot:`. */
export function emojiOf(name: string): string {
  const [plain = name] = name.split("::");
  return BY_NAME.get(plain) ?? `:${plain}:`;
}
