import type { Wire } from "./wire.ts";

/**
 * Socket.IO 4 over its WebSocket transport.
 * @see https://socket.io/docs/v4/engine-io-protocol/
 */
export const socketIoWire: Wire = {
  path: "/socket.io/?EIO=4&transport=websocket",
  opening: ({ token, channels }) => [
    { answer: "0{" },
    { send: `40${JSON.stringify({ token })}`, answer: "40{" },
    ...channels.map((channel, id) => ({
      send: `42${id}${JSON.stringify(["join", channel])}`,
      answer: `43${id}[`,
    })),
  ],
  publish: (channel, texts) =>
    `42${JSON.stringify(["publish", { channel, messages: texts.map((text) => ({ text })) }])}`,
  heartbeat: { ask: "2", answer: "3" },
};
