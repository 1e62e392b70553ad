import { randomBytes, randomUUID } from "node:crypto";
import type { CreateSimulator, Handset, HandsetMessage } from "../contract/simulator.ts";
import { Faults, SHARED_FAULTS } from "../simulator/faults.ts";
import { HandsetStore } from "../simulator/handset-store.ts";
import {
  json,
  type NetworkAnswer,
  type NetworkRequest,
  startNetworkServer,
} from "../simulator/network-server.ts";
import { WebhookSender } from "../simulator/webhook-sender.ts";
import { type HttpDefinition, wholeOf } from "./http-definition.ts";
import { exampleSettings } from "./http-fixtures.ts";
import { bodyOf, idAt, type NetworkEvent, signedRequest } from "./http-network.ts";
import { putPointer } from "./json-pointer.ts";
import { fill, unfill, unfillTree } from "./template.ts";

/** A fake of the network that a definition describes. It reads what is sent backwards through the templates. */
export function createHttpSimulator(definition: HttpDefinition): CreateSimulator {
  return async ({ webhookUrl, receiptDelayMs = 0, readsAtOnce = false }) => {
    const faults = new Faults();
    const webhooks = new WebhookSender(faults);
    const network = new HttpNetwork(definition, webhooks, faults, webhookUrl, {
      receiptDelayMs,
      readsAtOnce,
    });
    const { send } = definition;
    const server = await startNetworkServer((request) => network.answer(request), faults, {
      isSend: ({ method }) => method === send.method,
      rateLimited: (retryAfterMs) => ({
        ...json(failure(definition), 429),
        headers: {
          [send.retryAfter.header]: String(
            send.retryAfter.unit === "s" ? Math.ceil(retryAfterMs / 1000) : retryAfterMs,
          ),
        },
      }),
      serverError: () => json(failure(definition), 500),
    });
    network.settings = exampleSettings(definition, server.url);
    return {
      settings: network.settings,
      secrets: network.secrets,
      handset: network.handset(),
      get accepted() {
        return network.accepted;
      },
      faults: canFailLater(definition) ? [...SHARED_FAULTS, "fail_later"] : SHARED_FAULTS,
      inject: (fault) => faults.inject(fault),
      idle: () => webhooks.idle(),
      async close() {
        await webhooks.close();
        await server.close();
      },
    };
  };
}

/** Only a network that tells of failures can. */
function canFailLater({ webhook }: HttpDefinition): boolean {
  return Object.values(webhook.receipt?.statuses ?? {}).includes("failed");
}

class HttpNetwork {
  accepted = 0;
  settings: Readonly<Record<string, string>> = {};
  readonly secrets: Readonly<Record<string, string>>;
  readonly #definition: HttpDefinition;
  readonly #webhooks: WebhookSender;
  readonly #faults: Faults;
  readonly #webhookUrl: string;
  readonly #options: { readonly receiptDelayMs: number; readonly readsAtOnce: boolean };
  readonly #store = new HandsetStore();
  /** By delivery id: what has come with it. */
  readonly #byKey = new Map<string, string>();
  readonly #deliveries = new Map<string, string>();
  #latest = 0;

  constructor(
    definition: HttpDefinition,
    webhooks: WebhookSender,
    faults: Faults,
    webhookUrl: string,
    options: { readonly receiptDelayMs: number; readonly readsAtOnce: boolean },
  ) {
    this.#definition = definition;
    this.#webhooks = webhooks;
    this.#faults = faults;
    this.#webhookUrl = webhookUrl;
    this.#options = options;
    this.secrets = Object.fromEntries(
      Object.keys(definition.secrets).map((name) => [name, randomBytes(16).toString("hex")]),
    );
  }

  answer(request: NetworkRequest): NetworkAnswer {
    const { send } = this.#definition;
    const said = this.#read(request);
    if (said === undefined) return json(failure(this.#definition), 400);
    if (!this.#isAllowed(request, said)) return json(failure(this.#definition), 401);
    const key = said.get("deliveryId") ?? randomUUID();
    const known = send.isKeyHonoured ? this.#byKey.get(key) : undefined;
    const id = known ?? this.#take(said, key);
    const body = putPointer({}, send.externalId, id);
    return json(body, send.accepted[0]);
  }

  handset(): Handset {
    const { address, displayName, webhook } = this.#definition;
    const canRead = Object.values(webhook.receipt?.statuses ?? {}).includes("read");
    return {
      identity: { label: address.kind, example: address.example },
      business: displayName,
      persons: () => this.#store.persons(),
      messages: (person) => this.#store.messages(person),
      onChange: (listener) => this.#store.onChange(listener),
      write: async (person, { text, replyTo }) => {
        if (!wholeOf(address.pattern).test(person)) {
          throw new Error(`${person} is no ${address.kind}; it must match ${address.pattern}`);
        }
        const message = this.#add(person, "out", text, replyTo);
        this.#tell({
          type: "message",
          at: message.at,
          externalId: message.id,
          sender: { addresses: [`${address.kind}:${person}`] },
          text,
          ...(replyTo === undefined ? {} : { replyTo }),
        });
        return message;
      },
      ...(canRead
        ? {
            read: async (person: string) => {
              for (const { id, direction, status } of this.#store.messages(person)) {
                if (direction === "in" && status !== "read") this.#progress(id, "read", 0);
              }
            },
          }
        : {}),
    };
  }

  /** What stood in the placeholders; undefined when it is no request of the definition's making. */
  #read({ path, query, headers, body }: NetworkRequest): ReadonlyMap<string, string> | undefined {
    const { send } = this.#definition;
    const template = send.url.replace(/^\{\{settings\.\w+\}\}/, "");
    const search = query.toString();
    const inUrl = unfill(template, search === "" ? path : `${path}?${search}`);
    const inBody =
      "json" in send.body
        ? unfillTree(send.body.json, parseJson(body))
        : unfillTree(send.body.form, Object.fromEntries(new URLSearchParams(body.toString())));
    if (inUrl === undefined || inBody === undefined) return undefined;
    const inHeaders = Object.entries(send.headers).flatMap(([name, header]) => [
      ...(unfill(header, headers[name] ?? "") ?? []),
    ]);
    const decoded = [...inUrl].map(([name, value]) => [name, decodeURIComponent(value)] as const);
    return new Map([...inHeaders, ...inBody, ...decoded]);
  }

  /** Whether every secret that is sent along is the right one. */
  #isAllowed({ headers }: NetworkRequest, said: ReadonlyMap<string, string>): boolean {
    const { basic } = this.#definition.send;
    const values = (name: string): string | undefined => {
      const [kind, key = ""] = name.split(".", 2);
      return kind === "secrets" ? this.secrets[key] : this.settings[key];
    };
    if (basic !== undefined) {
      const pair = `${fill(basic.user, values)}:${fill(basic.password, values)}`;
      const expected = `Basic ${Buffer.from(pair).toString("base64")}`;
      if (headers["authorization"] !== expected) return false;
    }
    return [...said].every(
      ([name, value]) => !name.startsWith("secrets.") || values(name) === value,
    );
  }

  #take(said: ReadonlyMap<string, string>, key: string): string {
    this.accepted += 1;
    const { id } = this.#add(
      said.get("to") ?? "",
      "in",
      said.get("text") ?? "",
      said.get("replyTo"),
    );
    this.#byKey.set(key, id);
    this.#deliveries.set(id, key);
    const { receiptDelayMs, readsAtOnce } = this.#options;
    const isFailing = this.#faults.take("fail_later") !== undefined;
    const steps = isFailing ? (["sent", "failed"] as const) : (["sent", "delivered"] as const);
    for (const [index, step] of steps.entries())
      this.#progress(id, step, receiptDelayMs * (index + 1));
    if (readsAtOnce && !isFailing) this.#progress(id, "read", receiptDelayMs * 3);
    return id;
  }

  #progress(id: string, status: HandsetMessage["status"], delayMs: number): void {
    const message = this.#store.change(id, { status });
    const { receipt } = this.#definition.webhook;
    const isNamedByTime = message !== undefined && idAt(message.at, receipt) === id;
    const deliveryId = this.#deliveries.get(id);
    this.#tell(
      {
        type: "receipt",
        at: isNamedByTime ? message.at : Date.now(),
        status,
        ...(receipt?.externalId === undefined ? {} : { externalId: id }),
        ...(receipt?.deliveryId === undefined || deliveryId === undefined ? {} : { deliveryId }),
      },
      delayMs,
    );
  }

  #add(
    person: string,
    direction: "in" | "out",
    text: string,
    replyTo: string | undefined,
  ): HandsetMessage {
    const { message, receipt } = this.#definition.webhook;
    // Each at a time of its own, since that may be its name.
    this.#latest = Math.max(Date.now(), this.#latest + 1);
    return this.#store.add({
      id: idAt(this.#latest, direction === "out" ? message : receipt) ?? randomUUID(),
      person,
      direction,
      business: this.#definition.displayName,
      text,
      media: [],
      ...(replyTo === undefined ? {} : { replyTo }),
      at: this.#latest,
      status: "sent",
    });
  }

  #tell(event: NetworkEvent, delayMs = 0): void {
    const body = bodyOf(this.#definition, event);
    if (body === undefined) return;
    this.#webhooks.sendLater(delayMs, () =>
      signedRequest(this.#definition, this.#webhookUrl, body, this.secrets, Date.now()),
    );
  }
}

function failure({ send }: HttpDefinition): unknown {
  return send.errorCode === undefined ? {} : putPointer({}, send.errorCode, "refused");
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
