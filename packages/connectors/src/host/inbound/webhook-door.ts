import {
  AnywireError,
  type ConnectionHealth,
  connectionIdSchema,
  createEntryId,
  formatChannelName,
  toAnywireError,
} from "@anywire/types";
import { isHandshaking } from "../../contract/abilities.ts";
import type { Verdict, WebhookAnswer, WebhookRequest } from "../../contract/webhook.ts";
import type { OpenConnection } from "../connections/connections.ts";
import type { InboundDesk } from "./inbound-desk.ts";
import { toWebhookEntry } from "./stored-webhook.ts";

/** Requests of one connection that were none of its network's, since the last one that was. */
interface Forged {
  count: number;
  reason: string;
  at: number;
}

/** So many say that the network itself is refused, for a wrong secret; one or two are any stranger's. */
const FORGED_TO_TELL = 3;
/** After so long without another, those before are forgotten, ms. */
const FORGED_FOR_MS = 3_600_000;

const TAKEN: WebhookAnswer = { status: 200 };

/** Where networks knock: lets in what is theirs, and stores it before it is answered. */
export class WebhookDoor {
  readonly #desk: InboundDesk;
  readonly #forged = new Map<string, Forged>();

  constructor(desk: InboundDesk) {
    this.#desk = desk;
  }

  /** Answers a request. @throws {AnywireError} `not_found`, `unauthenticated`, `too_large`, `unavailable`, `storage_full` */
  async receive(id: string, request: WebhookRequest): Promise<WebhookAnswer> {
    const connection = await this.#find(id);
    if (connection === undefined) throw new AnywireError("not_found", "there is nothing here");
    this.#assertSize(request);
    const handshake = this.#handshake(connection, request);
    if (handshake !== null) return handshake;
    const verdict = await verify(connection, request);
    if (!verdict.isGenuine) {
      this.#countForged(id, verdict.reason);
      // Whoever forges learns nothing; nothing of it is stored, so that it fills no disk.
      throw new AnywireError("unauthenticated", "the request is not the network's");
    }
    this.#forged.delete(id);
    await this.store(connection, request);
    return connection.connector.answer ?? TAKEN;
  }

  /** Resolves once a genuine request is durable. @throws {AnywireError} `too_large`, `unavailable`, `storage_full` */
  async store({ document, context }: OpenConnection, request: WebhookRequest): Promise<void> {
    this.#assertSize(request);
    const { log, blobs, onEvent } = this.#desk.options;
    const { inlineBytes } = this.#desk.settings;
    const { platform, id: connection } = document;
    const id = createEntryId();
    const data = await toWebhookEntry(context, request, { blobs, inlineBytes, entryId: id });
    await log.append({
      channel: formatChannelName({ platform, type: "connection", id: connection }),
      ...{ id, kind: "webhook", sender: this.#desk.sender },
      dataJson: JSON.stringify(data),
    });
    onEvent?.({ connection, type: "webhook", outcome: "done" });
  }

  /** Whether only others than the network call a connection, time and again. */
  health(id: string): ConnectionHealth | undefined {
    const forged = this.#forgedOf(id);
    if (forged === undefined || forged.count < FORGED_TO_TELL) return undefined;
    const { count, reason, at } = forged;
    return {
      state: "degraded",
      reason: `the last ${count} requests to its webhook URL did not come from the network, or its secrets are wrong: ${reason}`,
      humanAction: "none",
      retryAt: null,
      checkedAt: at,
    };
  }

  async #find(id: string): Promise<OpenConnection | undefined> {
    // Anybody may ask for anything: only what can be an id is looked up, and remembered.
    if (!connectionIdSchema.safeParse(id).success) return undefined;
    try {
      return await this.#desk.options.connections.find(id);
    } catch (cause) {
      // What is wrong with it is for the operator, not for whoever calls.
      throw new AnywireError("unavailable", "it can't be taken in now; try again later", { cause });
    }
  }

  #assertSize({ body }: WebhookRequest): void {
    const { maxBodyBytes } = this.#desk.settings;
    if (body.byteLength <= maxBodyBytes) return;
    throw new AnywireError("too_large", `the body is larger than ${maxBodyBytes} bytes`);
  }

  #handshake(
    { connector, context }: OpenConnection,
    request: WebhookRequest,
  ): WebhookAnswer | null {
    if (!isHandshaking(connector)) return null;
    try {
      return connector.handshake(request, context);
    } catch (thrown) {
      // What a stranger can make fail is no defect of the server, and no challenge.
      this.#countForged(context.id, `its challenge failed: ${toAnywireError(thrown).message}`);
      throw new AnywireError("unauthenticated", "the request is not the network's");
    }
  }

  #forgedOf(id: string): Forged | undefined {
    const forged = this.#forged.get(id);
    return forged !== undefined && this.#desk.now() - forged.at < FORGED_FOR_MS
      ? forged
      : undefined;
  }

  #countForged(id: string, reason: string): void {
    const count = (this.#forgedOf(id)?.count ?? 0) + 1;
    this.#forged.set(id, { count, reason: reason.slice(0, 512), at: this.#desk.now() });
    this.#desk.options.onEvent?.({ connection: id, type: "forged", outcome: "failed" });
  }
}

async function verify(
  { connector, context }: OpenConnection,
  request: WebhookRequest,
): Promise<Verdict> {
  try {
    return await connector.verify(request, context);
  } catch {
    // Taken for forged: what can't be verified is not let in.
    return { isGenuine: false, reason: "it could not be verified" };
  }
}
