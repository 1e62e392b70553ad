import type { Position, Wire } from "./wire.ts";

const FIRST_PUBLISH_ID = 1000;

/**
 * The Centrifuge client protocol in JSON, which Centrifugo and Anywire speak.
 * @see https://centrifugal.dev/docs/transports/client_protocol
 */
export const centrifugeWire: Wire = {
  path: "/connection/websocket",
  opening: ({ token, channels, recover }) => [
    { send: JSON.stringify({ id: 1, connect: { token } }), answer: '"connect":{' },
    ...channels.map((channel, index) => ({
      send: JSON.stringify({ id: 2 + index, subscribe: { channel, ...recovery(recover) } }),
      answer: '"subscribe":{',
    })),
  ],
  publish: (channel, texts) =>
    texts
      .map((text, index) =>
        JSON.stringify({ id: FIRST_PUBLISH_ID + index, publish: { channel, data: { text } } }),
      )
      .join("\n"),
  heartbeat: { ask: "{}", answer: "{}" },
};

/** The position in the answer to a subscribe. */
export function subscribePosition(answer: string): Position {
  const { offset = 0, epoch } = JSON.parse(answer).subscribe;
  return { offset, epoch };
}

function recovery(position: Position | undefined): object {
  return position === undefined ? {} : { recover: true, ...position };
}
