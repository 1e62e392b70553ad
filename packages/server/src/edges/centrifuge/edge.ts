import type {
  Access,
  AccountPresences,
  Hub,
  Log,
  NodePost,
  Operations,
  Pipeline,
  Presence,
  WaitFor,
} from "@anywire/core";
import { AnywireError, type ErrorCode } from "@anywire/types";
import type { LimitsConfig, SocketConfig } from "../../config/config.ts";
import type { Logger } from "../../logging.ts";
import type { TokenVerifier } from "../../tokens/token-verifier.ts";
import { Batch } from "./batch.ts";
import { jsonCodec } from "./json-codec.ts";
import { protobufCodec } from "./protobuf-codec.ts";
import type { Codec } from "./protocol.ts";
import { Session } from "./session.ts";
import { reviewAccess } from "./session-access.ts";
import type { Transport } from "./transport.ts";
import { Turn } from "./turn.ts";
import { Wheel } from "./wheel.ts";

/** How often some are sent away while the edge drains, ms. */
const DRAIN_STEP_MS = 50;

const NEWLINE = 10;

/** A connection came to a channel, or left it. */
export interface PresenceChange {
  readonly action: "join" | "leave";
  readonly channel: string;
  readonly accountId: string;
  readonly client: string;
}

/** What the edge needs. */
export interface EdgeOptions {
  readonly hub: Hub;
  /** As outsiders may read it. */
  readonly log: Pick<Log, "read" | "head" | "epoch">;
  readonly presence: Presence;
  readonly accountPresences: AccountPresences;
  readonly access: Access;
  readonly operations: Operations;
  readonly waitFor: WaitFor;
  readonly pipeline: Pipeline;
  readonly verifier: TokenVerifier;
  readonly socket: SocketConfig;
  readonly limits: LimitsConfig;
  readonly logger: Logger;
  /** To the edges of other nodes; absent where there are none. */
  readonly post?: NodePost;
  /** Told when a connection of this node has come to a channel, or has left it. */
  readonly onPresence?: (event: PresenceChange) => Promise<void>;
  /** Version to tell clients of. */
  readonly version: string;
}

/** What there is now, and counts since the start. */
export interface EdgeStats {
  /** Open connections by transport. */
  readonly connections: Readonly<Record<Transport["name"], number>>;
  /** Refused commands by error code. */
  readonly errors: Readonly<Partial<Record<ErrorCode, number>>>;
}

/** The edge that speaks the Centrifuge client protocol: all its sessions and what they share. */
export class Edge {
  readonly hub: Hub;
  /** As outsiders may read it. */
  readonly log: Pick<Log, "read" | "head" | "epoch">;
  readonly presence: Presence;
  readonly accountPresences: AccountPresences;
  readonly access: Access;
  readonly operations: Operations;
  readonly waitFor: WaitFor;
  readonly pipeline: Pipeline;
  readonly verifier: TokenVerifier;
  readonly socket: SocketConfig;
  readonly limits: LimitsConfig;
  readonly logger: Logger;
  readonly version: string;
  /** Names this node in the connect reply and in requests to `/emulation`. */
  readonly node: string = crypto.randomUUID();
  readonly wheel = new Wheel();
  readonly turn = new Turn(() => this.#forgetBatches());
  readonly #post: NodePost | undefined;
  readonly #onPresence: EdgeOptions["onPresence"];
  readonly #leaving = new Set<Promise<void>>();
  readonly #sessions = new Set<Session>();
  readonly #emulated = new Map<string, Session>();
  readonly #emptyJson: Batch;
  readonly #emptyProtobuf: Batch;
  readonly #connections = { websocket: 0, http_stream: 0, sse: 0 };
  readonly #errors: Partial<Record<ErrorCode, number>> = {};
  #isDraining = false;

  constructor(options: EdgeOptions) {
    this.hub = options.hub;
    this.log = options.log;
    this.presence = options.presence;
    this.accountPresences = options.accountPresences;
    this.access = options.access;
    this.operations = options.operations;
    this.waitFor = options.waitFor;
    this.pipeline = options.pipeline;
    this.verifier = options.verifier;
    this.socket = options.socket;
    this.limits = options.limits;
    this.#emptyJson = Batch.empty(jsonCodec, options.socket.maxBufferedBytes);
    this.#emptyProtobuf = Batch.empty(protobufCodec, options.socket.maxBufferedBytes);
    this.logger = options.logger;
    this.version = options.version;
    this.#post = options.post;
    this.#onPresence = options.onPresence;
  }

  /** Begins to take what came to the edges of other nodes and is meant for sessions here. */
  async start(): Promise<void> {
    await this.#post?.receive(this.node, (message) => {
      const end = message.indexOf(NEWLINE);
      const session = Buffer.from(message.subarray(0, end)).toString();
      this.emulate(session, message.subarray(end + 1));
    });
  }

  /** A new session on a transport; null when it was refused, with its reason told to the client. */
  open(codec: Codec, transport: Transport): Session | null {
    const session = new Session(this, codec, transport);
    this.#sessions.add(session);
    if (session.emulationKey !== undefined) this.#emulated.set(session.emulationKey, session);
    this.#connections[transport.name] += 1;
    if (this.#isDraining) session.disconnect("shutdown");
    else if (this.#sessions.size > this.socket.maxConnections)
      session.disconnect("connection_limit");
    return session.isClosed ? null : session;
  }

  /** Takes commands for a session here. One that is gone is no error: its stream has ended, and the client sees that. */
  emulate(emulationKey: string, commands: Uint8Array): void {
    this.#emulated.get(emulationKey)?.receive(commands);
  }

  /** Hands commands to the node that has their session. @throws {AnywireError} `not_found`, `unavailable` */
  async emulateElsewhere(node: string, session: string, commands: Uint8Array): Promise<void> {
    if (this.#post === undefined) {
      throw new AnywireError("not_found", "the session is on another server; connect anew");
    }
    await this.#post.send(node, Buffer.concat([Buffer.from(`${session}\n`), commands]));
  }

  /** A session is gone. */
  forget(session: Session): void {
    if (!this.#sessions.delete(session)) return;
    this.#connections[session.transport.name] -= 1;
    if (session.emulationKey !== undefined) this.#emulated.delete(session.emulationKey);
  }

  /** The batch that a turn's messages begin from. */
  emptyBatch(codec: Codec): Batch {
    return codec === jsonCodec ? this.#emptyJson : this.#emptyProtobuf;
  }

  /** Puts a connection on a channel. Failing, it hears what is said all the same, so that is logged. */
  async join(channel: string, session: Session): Promise<void> {
    const { id: client, principal } = session;
    try {
      await this.presence.join(channel, { client, user: principal.accountId });
    } catch (error) {
      this.logger.warn({ channel, err: error }, "could not join");
    }
    await this.#tell("join", channel, session);
  }

  /** Takes a connection off a channel; a failure is logged, since nobody waits for it. */
  leave(channel: string, session: Session): void {
    const leaving = this.#leave(channel, session).finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  async #leave(channel: string, session: Session): Promise<void> {
    try {
      await this.presence.leave(channel, session.id);
    } catch (error) {
      this.logger.warn({ channel, err: error }, "could not leave");
    }
    await this.#tell("leave", channel, session);
  }

  async #tell(
    action: PresenceChange["action"],
    channel: string,
    { id: client, principal: { accountId } }: Session,
  ): Promise<void> {
    try {
      await this.#onPresence?.({ action, channel, accountId, client });
    } catch (error) {
      this.logger.warn({ channel, err: error }, `could not keep that a connection ${action}s`);
    }
  }

  /** Resolves when all who went have left what they were on. */
  async settled(): Promise<void> {
    await Promise.all(this.#leaving);
  }

  /** A device of an account has connected. Failing, it is connected all the same, so that is logged. */
  async arrive({ id, principal }: Session): Promise<void> {
    try {
      await this.accountPresences.arrive(principal, id);
    } catch (error) {
      this.logger.warn({ session: id, err: error }, "could not say who is there");
    }
  }

  /** It has gone. */
  depart({ id, principal }: Session): void {
    this.accountPresences.depart(principal, id).catch((error: unknown) => {
      this.logger.warn({ session: id, err: error }, "could not say who has gone");
    });
  }

  /** An account takes part in a channel no more: what it hears of it ends, unless its token allows it. */
  endAccess(ofAccount: string, channel: string): void {
    for (const subscriber of this.hub.subscribersOf(ofAccount)) {
      // Others can hear that notification channel, too, if their token names it.
      const isOwn = subscriber instanceof Session && subscriber.isOf(ofAccount);
      if (isOwn) void reviewAccess(subscriber, channel);
    }
  }

  /** Counts a refused command. */
  countError(code: ErrorCode): void {
    this.#errors[code] = (this.#errors[code] ?? 0) + 1;
  }

  /** What there is now, and counts since the start. */
  stats(): EdgeStats {
    return { connections: { ...this.#connections }, errors: { ...this.#errors } };
  }

  /** Takes no new clients, and tells those that are here to reconnect elsewhere: one after the other within that time. */
  async drain(withinMs: number): Promise<void> {
    this.#isDraining = true;
    // Also without clients: balancers take their time to see that nobody is to be sent here.
    for (let leftMs = withinMs; leftMs > 0; leftMs -= DRAIN_STEP_MS) {
      this.#sendAway(Math.ceil((this.#sessions.size * DRAIN_STEP_MS) / leftMs));
      await new Promise((resolve) => setTimeout(resolve, DRAIN_STEP_MS));
    }
  }

  /** Sends everybody away and lets go of everything. */
  close(): void {
    this.#isDraining = true;
    this.#sendAway(this.#sessions.size);
    this.wheel.close();
  }

  #sendAway(count: number): void {
    for (const session of [...this.#sessions].slice(0, count)) session.disconnect("shutdown");
  }

  #forgetBatches(): void {
    this.#emptyJson.forget();
    this.#emptyProtobuf.forget();
  }
}
