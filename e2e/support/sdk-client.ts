import {
  Centrifuge,
  type Options,
  type PublicationContext,
  type Subscription,
  type SubscriptionOptions,
} from "centrifuge";
import { Centrifuge as ProtobufCentrifuge } from "centrifuge/build/protobuf";
import { EventSource } from "eventsource";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { Inbox } from "./inbox.ts";
import type { TestServer } from "./start-test-server.ts";

/** What a client needs to know of a server, in this process or another. */
export type Reachable = Pick<TestServer, "url" | "token">;

/** A transport and an encoding that the official SDK speaks. */
export interface Dialect {
  readonly name: string;
  readonly transport: "websocket" | "http_stream" | "sse";
  readonly encoding: "json" | "protobuf";
}

/** The plainest dialect, for tests that are about something else. */
export const WEBSOCKET_JSON: Dialect = {
  name: "WebSocket in JSON",
  transport: "websocket",
  encoding: "json",
};

/** Every dialect of the official SDK. */
export const DIALECTS: readonly Dialect[] = [
  WEBSOCKET_JSON,
  { name: "WebSocket in Protobuf", transport: "websocket", encoding: "protobuf" },
  { name: "HTTP stream in JSON", transport: "http_stream", encoding: "json" },
  { name: "HTTP stream in Protobuf", transport: "http_stream", encoding: "protobuf" },
  { name: "SSE in JSON", transport: "sse", encoding: "json" },
];

/** How to make a client, beside the SDK's own options. */
export interface SdkClientOptions extends Partial<Options> {
  /** Account to connect as, when neither `token` nor `getToken` is given. Default: `bob`. */
  readonly account?: string;
  /** Default: {@link WEBSOCKET_JSON}. */
  readonly dialect?: Dialect;
}

/** The official SDK, unchanged, made for one server and dialect; payloads are plain JSON values in each. */
export interface SdkClient {
  readonly centrifuge: Centrifuge;
  /** A JSON value as this dialect's SDK sends it. */
  pack(value: unknown): unknown;
  /** The JSON value that this dialect's SDK received. */
  unpack(data: unknown): unknown;
}

/** A subscription and what came on it. */
export interface SdkSubscription {
  readonly subscription: Subscription;
  readonly publications: Inbox<PublicationContext>;
}

/** Makes a client that is not connected yet; it is disconnected when the test is finished. */
export async function createSdkClient(
  server: Reachable,
  { account = "bob", dialect = WEBSOCKET_JSON, ...options }: SdkClientOptions = {},
): Promise<SdkClient> {
  const isGivenToken = options.token !== undefined || options.getToken !== undefined;
  const isProtobuf = dialect.encoding === "protobuf";
  // Two builds of one class, which only differ in what they send.
  const Client = isProtobuf ? (ProtobufCentrifuge as unknown as typeof Centrifuge) : Centrifuge;
  const centrifuge = new Client(endpointsOf(server, dialect), {
    websocket: WebSocket,
    fetch,
    readableStream: ReadableStream,
    eventsource: EventSource,
    emulationEndpoint: `${server.url}/emulation`,
    minReconnectDelay: 1,
    maxReconnectDelay: 20,
    timeout: 10_000,
    ...(isGivenToken ? {} : { token: await server.token(account) }),
    ...options,
  });
  onTestFinished(() => centrifuge.disconnect());
  return {
    centrifuge,
    pack: (value) => (isProtobuf ? new TextEncoder().encode(JSON.stringify(value)) : value),
    unpack: (data) =>
      isProtobuf ? JSON.parse(new TextDecoder().decode(data as Uint8Array)) : data,
  };
}

/** Makes a client and resolves when it is connected. */
export async function connectSdk(
  server: Reachable,
  options: SdkClientOptions = {},
): Promise<SdkClient> {
  const client = await createSdkClient(server, options);
  client.centrifuge.connect();
  await client.centrifuge.ready();
  return client;
}

/** Subscribes, and resolves when that is done. */
export async function subscribeSdk(
  { centrifuge }: SdkClient,
  channel: string,
  options: Partial<SubscriptionOptions> = {},
): Promise<SdkSubscription> {
  const subscription = centrifuge.newSubscription(channel, options);
  const publications = new Inbox<PublicationContext>(`publications on ${channel}`);
  subscription.on("publication", (publication) => publications.push(publication));
  subscription.subscribe();
  await subscription.ready();
  return { subscription, publications };
}

function endpointsOf({ url }: Reachable, { transport }: Dialect) {
  const base = transport === "websocket" ? url.replace("http", "ws") : url;
  return [{ transport, endpoint: `${base}/connection/${transport}` }];
}
