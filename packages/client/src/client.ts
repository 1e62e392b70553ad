import {
  AnywireError,
  type ChannelsPage,
  type ChannelsQuery,
  type ConnectData,
  type NotificationEvent,
  type OpenChannelRequest,
  type RpcAnswer,
  type RpcMethod,
  type RpcRequest,
} from "@anywire/types";
import { Centrifuge, type Options, UnauthorizedError } from "centrifuge";
import { type Channel, type ChannelOptions, SocketChannel } from "./channel.ts";
import { toClientError, toCloseError } from "./client-error.ts";
import { Emitter, type Unlisten } from "./emitter.ts";
import { type ClientTransport, toEndpoints } from "./endpoints.ts";
import { createEntryId } from "./entry-id.ts";
import { type RequestArguments, Requests } from "./requests.ts";
import { TokenSource } from "./token-source.ts";

/** How to reach a server, and as whom. */
export interface ClientOptions {
  /** Where the server is, such as `https://chat.example.org`; its path is kept as a prefix. */
  readonly url: string;
  /** A token; enough alone for as long as it holds. */
  readonly token?: string;
  /**
   * Gives a new token: asked for before connecting and before a request when the last one has a day or less left, and on
   * the open connection before it runs out. Rejecting with an `AnywireError` of code `unauthenticated` ends
   * the session, any other rejection is tried again.
   */
  readonly getToken?: () => Promise<string>;
  /** Transports in the order in which to try them. Default: all, WebSocket first. */
  readonly transports?: readonly ClientTransport[];
  /** The longest wait between two attempts to reconnect, ms. Default 20,000. */
  readonly maxReconnectDelayMs?: number;
  /** Needed where there is no global `WebSocket`. */
  readonly WebSocket?: unknown;
  /** Needed for `sse` where there is no global `EventSource`. */
  readonly EventSource?: unknown;
}

/** Whether there is a connection. `connecting` lasts until it is there, however many attempts that takes. */
export type ConnectionState = "disconnected" | "connecting" | "connected";

/** A change of the connection. */
export interface ConnectionStatus {
  readonly state: ConnectionState;
  /** Attempts that failed since the connection was last there, or asked for. */
  readonly failedAttempts: number;
  /** Why the connection ended for good; absent after `disconnect()`. */
  readonly error?: AnywireError;
}

/** Something that concerns the account, and its place in the log. */
export interface AccountEvent {
  readonly event: NotificationEvent;
  readonly offset: number;
}

/** What a client tells its listeners. */
export interface ClientEvents {
  /** Also after each failed attempt to connect. */
  state: ConnectionStatus;
  /** What came on the account's notification channel, in order, none twice; after a reconnect what was missed. */
  account: AccountEvent;
  /**
   * The notification channel is heard: everything from here on comes. With `isContinuous` nothing is missing since the last
   * time; without, take a new snapshot.
   */
  synced: { readonly isContinuous: boolean };
}

/** The channels of an account. */
export interface Channels {
  /**
   * Opens a channel: a new one, or for types known by their participants the one there is. Asked again it is the same one.
   * @throws {AnywireError} the server's, such as `not_found` for somebody whom the platform does not know.
   */
  open(request: OpenChannelRequest, options?: ChannelOptions): Promise<Channel>;
  /** A page of the account's channels, newest activity first. */
  list(query?: ChannelsQuery): Promise<ChannelsPage>;
}

/** A session of one account over one connection, which comes back by itself. */
export interface AnywireClient {
  readonly state: ConnectionState;
  /** The same with the attempts that failed, and why it ended: what was told last, the same object until something changes. */
  readonly status: ConnectionStatus;
  /** The account's id; undefined before the first connection. */
  readonly account: string | undefined;
  /** The platform; undefined before the first connection. */
  readonly platform: string | undefined;
  /** Connects, and from then on reconnects, until `disconnect` or a refusal. A second call is a no-op. */
  connect(): void;
  /** Closes the connection. Channels stay subscribed: `connect` brings what was missed. */
  disconnect(): void;
  /**
   * Resolves once connected, with what the server says of this session.
   * @throws {AnywireError} `unauthenticated`, or `unavailable` when disconnected.
   */
  ready(): Promise<ConnectData>;
  /** A channel; the same object for the same name. What one call asks for all get. */
  channel(name: string, options?: ChannelOptions): Channel;
  /** The channels of the account. */
  readonly channels: Channels;
  /**
   * Calls an operation of the server by its RPC method, such as `me.snapshot`. Waits while the client is connecting, and asks
   * again when the connection drops before the answer: what creates something needs an `id` in its request.
   * @throws {AnywireError} the server's, or `unavailable` when the client is disconnected.
   */
  call<Method extends RpcMethod>(
    method: Method,
    ...request: RequestArguments<RpcRequest<Method>>
  ): Promise<RpcAnswer<Method>>;
  /** Listens to an event. */
  on<Name extends keyof ClientEvents>(
    name: Name,
    listener: (event: ClientEvents[Name]) => void,
  ): Unlisten;
}

const ALL_TRANSPORTS: readonly ClientTransport[] = ["websocket", "http_stream", "sse"];

/**
 * A client, not yet connected.
 * @throws {AnywireError} `bad_request` when the URL is none, or there is neither `token` nor `getToken`.
 *
 * @example
 * const client = createClient({ url: "http://localhost:4000", token });
 * const lobby = client.channel("production.group.lobby");
 * lobby.on("message", ({ sender, data }) => console.log(sender, data.text));
 * lobby.subscribe();
 * client.connect();
 * await lobby.send("hello");
 */
export function createClient(options: ClientOptions): AnywireClient {
  return new SocketClient(options);
}

class SocketClient implements AnywireClient {
  readonly #centrifuge: Centrifuge;
  readonly #tokens: TokenSource;
  readonly #requests: Requests;
  readonly #channels = new Map<string, SocketChannel>();
  readonly #emitter = new Emitter<ClientEvents>();
  #data: ConnectData | undefined;
  /** Whether this connection is of the same account as the one before: a new token can be of another one. */
  #isSameAccount = true;
  #status: ConnectionStatus = { state: "disconnected", failedAttempts: 0 };
  #failedAttempts = 0;

  constructor(options: ClientOptions) {
    const { transports, emulation } = toEndpoints(
      options.url,
      options.transports ?? ALL_TRANSPORTS,
    );
    this.#tokens = new TokenSource(options.token, options.getToken);
    this.#centrifuge = new Centrifuge(transports, {
      ...socketOptions(options),
      emulationEndpoint: emulation,
      token: this.#tokens.token,
      ...(this.#tokens.canRenew ? { getToken: () => this.#renewToken() } : {}),
    });
    this.#requests = new Requests(this.#centrifuge, this.#tokens);
    this.#forwardEvents();
  }

  readonly channels: Channels = {
    open: async (request, options) => {
      const id = createEntryId();
      const { channel } = await this.call("channel.open", { id, ...request });
      return this.channel(channel, options);
    },
    list: (query = {}) => this.call("channel.list", query),
  };

  get state(): ConnectionState {
    return this.#centrifuge.state;
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  get account(): string | undefined {
    return this.#data?.account;
  }

  get platform(): string | undefined {
    return this.#data?.platform;
  }

  connect(): void {
    this.#centrifuge.connect();
  }

  disconnect(): void {
    this.#centrifuge.disconnect();
  }

  async ready(): Promise<ConnectData> {
    try {
      await this.#centrifuge.ready();
    } catch (thrown) {
      throw toClientError(thrown);
    }
    if (this.#data === undefined)
      throw new AnywireError("internal", "the server sent no data on connect");
    return this.#data;
  }

  channel(name: string, { joinLeave = false }: ChannelOptions = {}): Channel {
    let channel = this.#channels.get(name);
    if (channel === undefined) {
      channel = new SocketChannel(this.#centrifuge, this.#requests, name);
      this.#channels.set(name, channel);
    }
    if (joinLeave) channel.hearJoins();
    return channel;
  }

  call<Method extends RpcMethod>(
    method: Method,
    ...[request = {}]: RequestArguments<RpcRequest<Method>>
  ): Promise<RpcAnswer<Method>> {
    return this.#requests.call(method, request as RpcRequest<Method>);
  }

  on<Name extends keyof ClientEvents>(
    name: Name,
    listener: (event: ClientEvents[Name]) => void,
  ): Unlisten {
    return this.#emitter.on(name, listener);
  }

  #forwardEvents(): void {
    this.#centrifuge
      .on("connecting", () => {
        this.#failedAttempts = 0;
        this.#dropDueToken();
        this.#emitStatus();
      })
      .on("error", () => {
        if (this.#centrifuge.state !== "connecting") return;
        this.#failedAttempts += 1;
        this.#dropDueToken();
        this.#emitStatus();
      })
      .on("connected", ({ data }) => {
        this.#failedAttempts = 0;
        this.#knowSession(data as ConnectData);
        this.#emitStatus();
      })
      // Those of the server's own subscription: the account's notification channel.
      .on("subscribed", ({ wasRecovering, recovered }) => {
        const isContinuous = this.#isSameAccount && (recovered || !wasRecovering);
        this.#emitter.emit("synced", { isContinuous });
      })
      .on("publication", ({ data, offset = 0 }) => {
        this.#emitter.emit("account", { event: data as NotificationEvent, offset });
      })
      .on("disconnected", (context) => this.#emitStatus(toCloseError(context)));
  }

  #knowSession(data: ConnectData): void {
    const { account, platform } = this.#data ?? data;
    this.#isSameAccount = data.account === account && data.platform === platform;
    this.#data = data;
  }

  #emitStatus(error?: AnywireError): void {
    const { state } = this;
    const failedAttempts = this.#failedAttempts;
    this.#status = { state, failedAttempts, ...(error === undefined ? {} : { error }) };
    this.#emitter.emit("state", this.#status);
  }

  /** Without a token the socket library asks for one before it connects. */
  #dropDueToken(): void {
    if (this.#tokens.isDue(Date.now())) this.#centrifuge.setToken("");
  }

  async #renewToken(): Promise<string> {
    try {
      return await this.#tokens.renew(Date.now());
    } catch (thrown) {
      const isRefusal = thrown instanceof AnywireError && thrown.code === "unauthenticated";
      throw isRefusal ? new UnauthorizedError(thrown.message) : thrown;
    }
  }
}

function socketOptions(options: ClientOptions): Partial<Options> {
  return {
    name: "anywire",
    ...(options.maxReconnectDelayMs === undefined
      ? {}
      : { maxReconnectDelay: options.maxReconnectDelayMs }),
    ...(options.WebSocket === undefined ? {} : { websocket: options.WebSocket }),
    ...(options.EventSource === undefined ? {} : { eventsource: options.EventSource }),
  };
}
