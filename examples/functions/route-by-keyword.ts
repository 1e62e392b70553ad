import { beforePublish } from "@anywire/functions";

/** The team's group for a text that begins with the word. */
const GROUPS: Readonly<Record<string, string>> = {
  help: "support",
  order: "sales",
  price: "sales",
};

/** Sends texts that begin with a keyword to a group of the team, with a note of where they came from. */
export default beforePublish(
  "*.sms.*",
  ({ platform, channel, message, reroute }) => {
    const [word = ""] = /^\p{L}+/u.exec(message.text.trim()) ?? [];
    const keyword = word.toLowerCase();
    if (!Object.hasOwn(GROUPS, keyword)) return;
    message.meta = { ...message.meta, cameFrom: channel };
    return reroute(`${platform}.group.${GROUPS[keyword]}`);
  },
  // An edit stays where its message is.
  { kinds: ["message"] },
);
