/** How the device of a network looks. */
export interface NetworkLook {
  /** What one holds: a phone, a window on a screen, or a pigeon loft. */
  readonly frame: "phone" | "window" | "loft";
  /** How what was said is shown. */
  readonly style: "bubbles" | "lines" | "letters" | "scrolls";
  /** What one calls the device. */
  readonly device: string;
  /** What is in a field where nothing is written. */
  readonly hint: string;
}

const LOOKS: Readonly<Record<string, NetworkLook>> = {
  sms: { frame: "phone", style: "bubbles", device: "SMS", hint: "Text message" },
  whatsapp: { frame: "phone", style: "bubbles", device: "WhatsApp", hint: "Message" },
  telegram: { frame: "phone", style: "bubbles", device: "Telegram", hint: "Message" },
  x: { frame: "window", style: "bubbles", device: "X", hint: "Start a new message" },
  linkedin: { frame: "window", style: "bubbles", device: "LinkedIn", hint: "Write a message" },
  slack: { frame: "window", style: "lines", device: "Slack", hint: "Message" },
  email: { frame: "window", style: "letters", device: "Mailbox", hint: "Write a letter" },
  pigeon: { frame: "loft", style: "scrolls", device: "Pigeon loft", hint: "Write a scroll" },
};

const UNKNOWN: NetworkLook = {
  frame: "window",
  style: "bubbles",
  device: "Messages",
  hint: "Message",
};

/** How a network looks, also one that nobody has drawn. */
export function lookOf(network: string): NetworkLook {
  return LOOKS[network] ?? UNKNOWN;
}
