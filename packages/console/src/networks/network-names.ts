const NAMES: Readonly<Record<string, string>> = {
  sms: "SMS",
  whatsapp: "WhatsApp",
  email: "Email",
  x: "X",
  linkedin: "LinkedIn",
  telegram: "Telegram",
  slack: "Slack",
  pigeon: "Pigeon",
};

/** What people call a network: that of its id with a capital, where nobody knows better. */
export function networkName(network: string): string {
  if (Object.hasOwn(NAMES, network)) return NAMES[network] ?? network;
  return network.charAt(0).toUpperCase() + network.slice(1);
}
