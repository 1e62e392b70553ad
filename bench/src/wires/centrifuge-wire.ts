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
    texts.map((text, index) => publishCommand(index, channel, text)).join("\n"),
  heartbeat: { ask: "{}", answer: "{}" },
};

/** What became of a message that was published with a number. */
export interface PublishAnswer {
  readonly number: number;
  /** Why it was refused, as JSON; absent when it was acknowledged. */
  readonly error?: string;
}

/** A text that publishes one message with a number, by which its answer is known. */
export function publishCommand(number: number, channel: string, text: string): string {
  return JSON.stringify({ id: FIRST_PUBLISH_ID + number, publish: { channel, data: { text } } });
}

/** The answers in what a server sent, to messages that were published with numbers. */
export function publishAnswers(received: string): PublishAnswer[] {
  return received
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as { id?: number; error?: object })
    .flatMap(({ id, error }) =>
      id === undefined
        ? []
        : [{ number: id - FIRST_PUBLISH_ID, ...(error && { error: JSON.stringify(error) }) }],
    );
}

/** The position in the answer to a subscribe. */
export function subscribePosition(answer: string): Position {
  const { offset = 0, epoch } = JSON.parse(answer).subscribe;
  return { offset, epoch };
}

function recovery(position: Position | undefined): object {
  return position === undefined ? {} : { recover: true, ...position };
}
