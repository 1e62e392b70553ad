import type { Wire } from "./wire.ts";

/** The plain loop has no handshake of its own: connected is subscribed. */
export const plainWsWire: Wire = {
  path: "/",
  opening: () => [],
  publish: (channel, texts) =>
    JSON.stringify({ channel, messages: texts.map((text) => ({ text })) }),
};
