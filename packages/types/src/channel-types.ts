import { isSegment } from "./channel-name.ts";
import { AnywireError } from "./errors.ts";

/** What decides whether two channels of a type are the same one. */
export type ChannelIdentity =
  /** The set of participants (and connection, thread): opening it twice gives the same channel. */
  | "participants"
  /** Nothing: each opening makes a new channel. */
  | "unique"
  /** The account it belongs to. */
  | "account"
  /** The contact it is about. */
  | "contact"
  /** Nothing: nobody opens it, and only the server writes to it. */
  | "server";

/** One type of channel: the second segment of its channels' names. */
export interface ChannelType {
  readonly name: string;
  readonly identity: ChannelIdentity;
  /** The way out; `app` stays inside, `any` is chosen by each recipient's own channel. */
  readonly network: string;
  /** A sentence for people. */
  readonly description: string;
}

const BUILT_IN: readonly ChannelType[] = [
  type("direct", "participants", "app", "Two accounts."),
  type(
    "group",
    "unique",
    "app",
    "A named group; the same people under another name are another channel.",
  ),
  type("sms", "participants", "sms", "Text messages with one contact."),
  type("whatsapp", "participants", "whatsapp", "WhatsApp with one contact."),
  type("x", "participants", "x", "Direct messages on X."),
  type("linkedin", "participants", "linkedin", "Messages on LinkedIn."),
  type("telegram", "participants", "telegram", "A Telegram chat."),
  type("slack", "participants", "slack", "A Slack conversation."),
  type("email", "participants", "email", "One thread of email."),
  type(
    "mass",
    "unique",
    "any",
    "A campaign: one message out, replies come into each contact's own channel.",
  ),
  type(
    "notification",
    "account",
    "app",
    "What an account's devices hear of, one for each account.",
  ),
  type("presence", "account", "app", "Whether an account is there, one for each account."),
  type("contact", "contact", "app", "What is known of one contact, and who decided it."),
  type("system", "server", "app", "What the server says of itself, and functions log."),
  type(
    "connection",
    "server",
    "app",
    "What networks sent through one connection, and what was decided about it.",
  ),
  type("event", "server", "app", "What happened live, kept for the functions that it runs."),
  type(
    "pigeon",
    "participants",
    "pigeon",
    "IP over avian carriers, the worked example of a network.",
  ),
];

function type(
  name: string,
  identity: ChannelIdentity,
  network: string,
  description: string,
): ChannelType {
  return { name, identity, network, description };
}

/** The declared channel types. Connectors and users add theirs; a channel of any other type is refused. */
export interface ChannelTypeRegistry {
  /**
   * Declares a type.
   * @throws {AnywireError} `conflict` when the name is taken, `bad_request` when it is not a segment.
   */
  declare(channelType: ChannelType): void;
  /** The type of that name, or undefined. */
  get(name: string): ChannelType | undefined;
  /** All types, in the order of their declaration. */
  list(): ChannelType[];
}

/** A registry that starts with the built-in types. */
export function createChannelTypeRegistry(): ChannelTypeRegistry {
  const types = new Map(BUILT_IN.map((channelType) => [channelType.name, channelType]));
  return {
    declare(channelType) {
      const { name } = channelType;
      if (!isSegment(name)) {
        throw new AnywireError(
          "bad_request",
          `channel type ${JSON.stringify(name)} must be 1 to 64 letters, digits, _ or -`,
        );
      }
      if (types.has(name)) {
        throw new AnywireError(
          "conflict",
          `channel type ${name} is already declared; choose another name`,
        );
      }
      types.set(name, channelType);
    },
    get: (name) => types.get(name),
    list: () => [...types.values()],
  };
}
