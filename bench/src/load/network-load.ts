import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { sharedNowMs } from "../clock.ts";
import { sidOf, TWILIO } from "../networks/twilio.ts";
import { messageNumbers } from "./message-text.ts";

/** What came to the network, in the order in which it came. */
export interface Arrivals {
  /** The numbers of the messages. */
  readonly numbers: readonly number[];
  /** When each had come whole, by the clock that all processes share. */
  readonly at: readonly number[];
}

/** The other end of a connection to Twilio: takes every message, and answers a little later. */
export class NetworkLoad {
  readonly #server: Server;
  readonly #numbers: number[] = [];
  readonly #at: number[] = [];

  private constructor(answerMs: number) {
    this.#server = createServer((request, response) => {
      void read(request).then((form) => {
        const number = this.#take(form);
        setTimeout(() => {
          response.writeHead(201, { "content-type": "application/json" });
          response.end(resource(number, form));
        }, answerMs);
      });
    });
  }

  /** Listens on a free port. */
  static async open(answerMs: number): Promise<NetworkLoad> {
    const network = new NetworkLoad(answerMs);
    network.#server.keepAliveTimeout = 60_000;
    network.#server.listen(0, "127.0.0.1");
    await once(network.#server, "listening");
    return network;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many came so far. */
  get count(): number {
    return this.#numbers.length;
  }

  /** All that came. */
  arrivals(): Arrivals {
    return { numbers: this.#numbers, at: this.#at };
  }

  #take(form: URLSearchParams): number {
    const [number = -1] = messageNumbers(form.get("Body") ?? "");
    this.#numbers.push(number);
    this.#at.push(sharedNowMs());
    return number;
  }
}

async function read(request: IncomingMessage): Promise<URLSearchParams> {
  let text = "";
  request.setEncoding("utf8");
  for await (const piece of request as AsyncIterable<string>) text += piece;
  return new URLSearchParams(text);
}

/** @see https://www.twilio.com/docs/messaging/api/message-resource */
function resource(number: number, form: URLSearchParams): string {
  const { accountSid: account_sid, from } = TWILIO;
  return JSON.stringify({
    ...{ sid: sidOf(number), account_sid, from, to: form.get("To"), body: form.get("Body") },
    ...{ status: "queued", num_segments: "1", num_media: "0", direction: "outbound-api" },
    ...{ price: null, price_unit: "USD", error_code: null, error_message: null },
  });
}
