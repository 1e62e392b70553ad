import type { ConnectionHealth } from "@anywire/types";
import type { Connector } from "./connector.ts";
import type { ConnectionContext } from "./context.ts";
import type { MediaReference } from "./inbound-event.ts";
import type { Estimate } from "./policy.ts";
import type { SendJob, SendResult } from "./send.ts";
import type { WebhookAnswer, WebhookRequest } from "./webhook.ts";

/** Answers requests by which the network finds out whether this is the right place, such as a challenge. Before `verify`. */
export interface HandshakingConnector {
  /** Null when it is none. Refuses, by null, what a stranger could use to have something signed. */
  handshake(request: WebhookRequest, context: ConnectionContext): WebhookAnswer | null;
}

/** Can tell what became of a message whose answer was lost. */
export interface ReconcilingConnector {
  /** Undefined when it can't be told now. `rejected` means: it surely never arrived, and may be sent again. */
  reconcile(job: SendJob, context: ConnectionContext): Promise<SendResult | undefined>;
}

/** What a change of a message is about. */
export interface ChangeJob extends Omit<SendJob, "replyTo" | "references"> {
  /** What the network calls the message. */
  readonly externalIds: readonly string[];
}

/** Changes what was sent. */
export interface EditingConnector {
  /** Has the network show what the job says instead. The outcome is one of `send`. */
  edit(job: ChangeJob, context: ConnectionContext): Promise<SendResult>;
}

/** Takes back what was sent. */
export interface DeletingConnector {
  /** Has the network take it back for everyone. The outcome is one of `send`. */
  delete(job: ChangeJob, context: ConnectionContext): Promise<SendResult>;
}

/** Puts marks on messages. */
export interface ReactingConnector {
  /** Puts a mark on it, or takes ours off. The outcome is one of `send`. */
  react(
    job: ChangeJob & { readonly emoji: string; readonly action: "add" | "remove" },
    context: ConnectionContext,
  ): Promise<SendResult>;
}

/** Shows that somebody is writing. Best effort. */
export interface TypingConnector {
  /** Once, for as long as the network shows it. */
  typing(
    job: { readonly to: string; readonly lastExternalId?: string; readonly signal: AbortSignal },
    context: ConnectionContext,
  ): Promise<void>;
}

/** Shows that somebody has read. Best effort. */
export interface ReadMarkingConnector {
  /** Everything up to this message is read. */
  markRead(
    job: { readonly to: string; readonly externalId: string; readonly signal: AbortSignal },
    context: ConnectionContext,
  ): Promise<void>;
}

/** Media from the network; what it says of itself is checked by whoever stores it. */
export interface FetchedMedia {
  readonly mimeType?: string;
  readonly name?: string;
  readonly sizeBytes?: number;
  readonly bytes: ReadableStream<Uint8Array>;
}

/** Fetches media that a message brought. Only from the network's own hosts, whatever the reference says. */
export interface MediaConnector {
  /** The bytes of what a reference names. @throws {Error} when they can't be had */
  fetchMedia(
    media: MediaReference,
    context: ConnectionContext,
    signal: AbortSignal,
  ): Promise<FetchedMedia>;
}

/** Tells what a message will be split into and cost. No I/O. */
export interface EstimatingConnector {
  /** Of the job as it would be sent now. */
  estimate(job: Pick<SendJob, "content" | "to">, context: ConnectionContext): Estimate;
}

/** Asks the network whether the connection works. */
export interface HealthConnector {
  /** Asks once. @throws {Error} when the network can't be asked */
  health(
    context: ConnectionContext,
    signal: AbortSignal,
  ): Promise<Pick<ConnectionHealth, "state" | "reason" | "humanAction">>;
}

/** Tells the network where to call. Both may be called again and again. */
export interface InstallingConnector {
  /** Has the network call the connection's webhook URL. @throws {Error} with words for the operator */
  install(context: ConnectionContext, signal: AbortSignal): Promise<void>;
  /** Has it call no more. @throws {Error} with words for the operator */
  uninstall(context: ConnectionContext, signal: AbortSignal): Promise<void>;
}

/** Where what is heard goes. */
export interface Receiver {
  /**
   * Resolves once it is durable: only then is the network told that it was taken. It is parsed like a webhook, so it looks like one:
   * `POST`, `context.webhookUrl`, the headers that `parse` reads, and as its body what the network said. It is not verified: who was
   * asked is known.
   */
  receive(request: WebhookRequest): Promise<void>;
  /** Remembers where to go on after a restart; undefined at first. */
  loadCursor(): Promise<string | undefined>;
  /** Resolves once it is durable. */
  saveCursor(cursor: string): Promise<void>;
}

/**
 * Listens or polls by itself, instead of or beside webhooks: a mail server, a mailbox, long polling. One node of all does. Where a
 * network makes no webhooks `verify` refuses everything: their URL is there for anybody.
 */
export interface ListeningConnector {
  /**
   * Runs until the signal aborts. Rejecting means: begin again after a while; it counts as well again when it calls `receive` or
   * `saveCursor`, or runs for half a minute. Its words are shown to an operator, and tell no secret.
   */
  listen(context: ConnectionContext, receiver: Receiver, signal: AbortSignal): Promise<void>;
}

/** Whether a connector answers challenges. */
export function isHandshaking(connector: Connector): connector is Connector & HandshakingConnector {
  return "handshake" in connector;
}
/** Whether a connector can find out what became of a message. */
export function isReconciling(connector: Connector): connector is Connector & ReconcilingConnector {
  return "reconcile" in connector;
}
/** Whether a connector changes what was sent. */
export function isEditing(connector: Connector): connector is Connector & EditingConnector {
  return "edit" in connector;
}
/** Whether a connector takes back what was sent. */
export function isDeleting(connector: Connector): connector is Connector & DeletingConnector {
  return "delete" in connector;
}
/** Whether a connector puts marks on messages. */
export function isReacting(connector: Connector): connector is Connector & ReactingConnector {
  return "react" in connector;
}
/** Whether a connector shows that somebody is writing. */
export function isTyping(connector: Connector): connector is Connector & TypingConnector {
  return "typing" in connector;
}
/** Whether a connector shows that somebody has read. */
export function isReadMarking(connector: Connector): connector is Connector & ReadMarkingConnector {
  return "markRead" in connector;
}
/** Whether a connector fetches media. */
export function hasMedia(connector: Connector): connector is Connector & MediaConnector {
  return "fetchMedia" in connector;
}
/** Whether a connector tells what a message will cost. */
export function isEstimating(connector: Connector): connector is Connector & EstimatingConnector {
  return "estimate" in connector;
}
/** Whether a connector asks the network how it is. */
export function hasHealth(connector: Connector): connector is Connector & HealthConnector {
  return "health" in connector;
}
/** Whether a connector tells the network where to call. */
export function isInstalling(connector: Connector): connector is Connector & InstallingConnector {
  return "install" in connector;
}
/** Whether a connector listens by itself. */
export function isListening(connector: Connector): connector is Connector & ListeningConnector {
  return "listen" in connector;
}
