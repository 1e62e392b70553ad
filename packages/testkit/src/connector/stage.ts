import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import {
  type Capabilities,
  type ConnectionContext,
  type Connector,
  type HandsetMessage,
  type InboundEvent,
  isHandshaking,
  isInstalling,
  isListening,
  type SendJob,
  type SendResult,
  type Simulator,
  type WebhookAnswer,
  type WebhookRequest,
} from "@anywire/connectors";
import { parseAddress } from "@anywire/types";
import { problemsOf } from "./check-event.ts";
import type { ConnectorSubject } from "./connector-rule.ts";
import { expectThat, show, within, wordsOf } from "./expect-that.ts";
import { startWebhookReceiver, type WebhookReceiver } from "./webhook-receiver.ts";

/** How long anything on loopback may take, ms: long, since a busy machine is no broken connector. */
const PATIENCE_MS = 15_000;
/** How long after its end `listen` is begun again, ms; and how often that may be in vain while something has to come in. */
const AGAIN_MS = 50;
const MAX_FAILURES = 5;

type EventOf<T extends InboundEvent["type"]> = Extract<InboundEvent, { type: T }>;

/** Runs a rule's body with a simulator, a connection to it, and somewhere for its webhooks to go. */
export async function onStage(
  subject: ConnectorSubject,
  play: (stage: Stage) => Promise<string | undefined>,
): Promise<string | undefined> {
  const stage = new Stage(subject.connector);
  try {
    await stage.open(subject);
    const says = await play(stage);
    expectThat(stage.problems.length === 0, stage.problems.join("\n"));
    return says;
  } catch (error) {
    // What went wrong on the way in is most often why the rule fails.
    const also = [...stage.problems, ...stage.failures.slice(-1)].filter(
      (problem) => !wordsOf(error).includes(problem),
    );
    throw also.length === 0
      ? error
      : new Error([wordsOf(error), ...also].join("\nand: "), { cause: error });
  } finally {
    await stage.close();
  }
}

/** A connector, a simulator of its network, and what came in. */
export class Stage {
  readonly connector: Connector;
  /** What `parse` made of all requests, in the order of their coming. */
  readonly events: InboundEvent[] = [];
  /** Requests that could not be used, in words. */
  readonly problems: string[] = [];
  /** Why `listen` ended, each time: that is no problem, since it is begun again. */
  readonly failures: string[] = [];
  readonly #end = new AbortController();
  readonly #waiting = new Set<() => void>();
  #cursor: string | undefined;
  #receiver: WebhookReceiver | undefined;
  #simulator: Simulator | undefined;
  #context: ConnectionContext | undefined;
  #listening: Promise<void> | undefined;

  constructor(connector: Connector) {
    this.connector = connector;
  }

  get simulator(): Simulator {
    return started(this.#simulator);
  }

  get context(): ConnectionContext {
    return started(this.#context);
  }

  get capabilities(): Capabilities {
    return this.connector.capabilities(this.context);
  }

  /** The person at the other end. */
  get person(): string {
    return this.simulator.handset.identity.example;
  }

  async open({ options }: ConnectorSubject): Promise<void> {
    const { connector } = this;
    const create = options.simulator ?? (await connector.simulator?.());
    expectThat(
      create !== undefined,
      "the connector has no simulator: write a fake of its network and give it by `simulator`",
    );
    this.#receiver = await startWebhookReceiver((request) => this.#receive(request));
    const { webhookUrl } = this.#receiver;
    this.#simulator = await create({ webhookUrl });
    const settings = connector.configSchema.safeParse({
      ...this.#simulator.settings,
      ...options.settings,
    });
    expectThat(
      settings.success,
      `the simulator's settings do not pass configSchema: ${show(settings.error?.message)}`,
    );
    const secrets = { ...this.#simulator.secrets, ...options.secrets };
    this.#context = {
      id: "conformance",
      platform: "production",
      settings: settings.data,
      secrets: Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, [value]])),
      webhookUrl,
      now: Date.now,
    };
    await this.#connect(this.#context);
  }

  async close(): Promise<void> {
    this.#end.abort();
    await this.#simulator?.close();
    await within(PATIENCE_MS, "listen, whose signal was aborted,", this.#listening).finally(() =>
      this.#receiver?.close(),
    );
  }

  /** The person writes first, as on networks that allow no other beginning. Gives the address to answer to. */
  async meet(text = "hello"): Promise<string> {
    await within(
      PATIENCE_MS,
      "handset.write",
      this.simulator.handset.write(this.person, { text, subject: "Hello" }),
    );
    const { sender } = await this.event("message", (event) => event.text?.trim() === text);
    return this.answerable(sender.addresses);
  }

  /** The first address that the connector can send to, as the host chooses it. */
  answerable(addresses: readonly string[]): string {
    const { addressKinds, alsoReaches = {} } = this.connector;
    for (const address of addresses) {
      const { kind, value } = parseAddress(address);
      if (addressKinds.includes(kind)) return address;
      const other = alsoReaches[kind];
      if (other !== undefined) return `${other}:${value}`;
    }
    throw new Error(`none of ${show(addresses)} is of addressKinds ${show(addressKinds)}`);
  }

  /** A message to somebody. */
  job(to: string, text: string, over: Partial<SendJob> = {}): SendJob {
    return {
      deliveryId: randomUUID(),
      messageId: randomUUID(),
      channel: "production.conformance.1",
      title: "Conformance",
      to,
      senderName: "Bob",
      content: { text, media: [], message: { text } },
      references: [],
      kind: "conversational",
      attempt: 1,
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...over,
    };
  }

  /** @throws {Error} when `send` rejects, hangs, or gives what no host could use */
  async send(job: SendJob, context = this.context): Promise<SendResult> {
    const result = await within(
      2 * PATIENCE_MS,
      "send, whose signal was aborted,",
      Promise.resolve(this.connector.send(job, context)).catch((error: unknown) => {
        throw new Error(`send must resolve with an outcome, and threw: ${wordsOf(error)}`, {
          cause: error,
        });
      }),
    );
    const known = ["accepted", "rejected", "unknown"].includes(result?.outcome);
    expectThat(known, `send gave ${show(result)}, which is no outcome`);
    return result;
  }

  /** Sends what must be taken. */
  async deliver(job: SendJob): Promise<Extract<SendResult, { outcome: "accepted" }>> {
    const result = await this.send(job);
    expectThat(
      result.outcome === "accepted",
      `a plain message was not accepted: ${show(result)}; say accepted when the network takes it`,
    );
    const ids = result.externalIds;
    expectThat(
      ids.length > 0 && ids.every((id) => typeof id === "string" && id !== ""),
      `accepted without an external id: ${show(ids)}; give what the network calls the message`,
    );
    return result;
  }

  /** All that the person has on the screen. */
  screen(): readonly HandsetMessage[] {
    return this.simulator.handset.messages(this.person);
  }

  /** The message with that text on the person's screen. */
  onScreen(text: string): HandsetMessage {
    const shown = this.screen().filter((message) => sameText(message.text, text));
    expectThat(
      shown.length === 1,
      `the person must have the text once, and has it ${shown.length} times: ${show(text)}; on the screen: ${show(this.screen().map((message) => message.text))}`,
    );
    return shown[0] as HandsetMessage;
  }

  /** Events of one type so far. */
  of<T extends InboundEvent["type"]>(type: T): readonly EventOf<T>[] {
    return this.events.filter((event): event is EventOf<T> => event.type === type);
  }

  /** Resolves when all webhooks that are due were made. */
  idle(): Promise<void> {
    return within(2 * PATIENCE_MS, "simulator.idle", this.simulator.idle());
  }

  /** The first event that suits. @throws {Error} when all webhooks were made and none of them told it */
  async event<T extends InboundEvent["type"]>(
    type: T,
    suits: (event: EventOf<T>) => boolean = () => true,
  ): Promise<EventOf<T>> {
    await this.idle();
    const find = (): EventOf<T> | undefined => this.of(type).find(suits);
    const now = find();
    if (now !== undefined) return now;
    const missing = `an event of type ${type} had to come in, and what came is ${show(this.events)}`;
    // What a connector fetches by itself comes when it looks again, not when the simulator is done.
    expectThat(isListening(this.connector), missing);
    const failedBefore = this.failures.length;
    return within(
      PATIENCE_MS,
      missing,
      new Promise((resolve, reject) => {
        this.#waiting.add(() => {
          const found = find();
          if (found !== undefined) resolve(found);
          if (this.failures.length - failedBefore >= MAX_FAILURES) reject(new Error(missing));
        });
      }),
    );
  }

  /** A URL that gives these bytes. */
  publish(name: string, mimeType: string, bytes: Uint8Array): string {
    return started(this.#receiver).publish(name, mimeType, bytes);
  }

  async #connect(context: ConnectionContext): Promise<void> {
    const { connector } = this;
    if (isInstalling(connector)) await connector.install(context, this.#end.signal);
    if (!isListening(connector)) return;
    const receiver = {
      receive: async (request: WebhookRequest) => this.#parse(request),
      loadCursor: async () => this.#cursor,
      saveCursor: async (cursor: string) => {
        this.#cursor = cursor;
      },
    };
    const { signal } = this.#end;
    this.#listening = this.#listen(async () => connector.listen(context, receiver, signal));
  }

  /** As the host does: begins again after a while. */
  async #listen(listen: () => Promise<void>): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      const why = await listen().then(() => "it ended by itself", wordsOf);
      if (signal.aborted) return;
      this.failures.push(`listen gave up: ${why}`);
      for (const look of this.#waiting) look();
      await setTimeout(AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Always answers well, so that a simulator does not try again what is known to be broken. */
  async #receive(request: WebhookRequest): Promise<WebhookAnswer> {
    const { connector, context } = this;
    try {
      const handshake = isHandshaking(connector) ? connector.handshake(request, context) : null;
      if (handshake !== null) return handshake;
      const verdict = await connector.verify(request, context);
      if (!verdict.isGenuine) {
        this.problems.push(`verify refused a webhook of the simulator: ${verdict.reason}`);
      } else await this.#parse(request);
    } catch (error) {
      this.problems.push(`a webhook of the simulator could not be read: ${wordsOf(error)}`);
    }
    return connector.answer ?? { status: 200 };
  }

  async #parse(request: WebhookRequest): Promise<void> {
    for (const event of await this.connector.parse(request, this.context)) {
      this.problems.push(...problemsOf(event, this.connector));
      this.events.push(event);
    }
    for (const look of this.#waiting) look();
  }
}

/** Whether a person reads the same: some networks end lines otherwise, or every message with one. */
export function sameText(a: string | undefined, b: string): boolean {
  return a?.replaceAll("\r\n", "\n").trimEnd() === b.trimEnd();
}

function started<T>(part: T | undefined): T {
  if (part === undefined) throw new Error("the stage is not open");
  return part;
}
