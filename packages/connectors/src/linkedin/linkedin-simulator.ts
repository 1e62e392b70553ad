import { randomBytes } from "node:crypto";
import { z } from "zod";
import type {
  Handset,
  HandsetMessage,
  Simulator,
  SimulatorOptions,
} from "../contract/simulator.ts";
import {
  Faults,
  HandsetStore,
  json,
  type NetworkAnswer,
  type NetworkRequest,
  SHARED_FAULTS,
  startNetworkServer,
  WebhookSender,
} from "../simulator/index.ts";
import { personIdOf, personUrn } from "./linkedin-settings.ts";
import { signLinkedin } from "./linkedin-signature.ts";

const MEMBER = "bob-Yk41sQ";
const THREAD = /^urn:li:messagingThread:2-([A-Za-z0-9_-]{1,64})$/;
/** Whoever is called so is no connection. */
const STRANGER = /^stranger/i;

const createSchema = z.strictObject({
  recipients: z.array(z.string()).min(1).max(10).optional(),
  thread: z.string().optional(),
  subject: z.string().optional(),
  body: z.string().min(1),
  messageType: z.literal("MEMBER_TO_MEMBER"),
  attachments: z.array(z.string()).optional(),
});

/** Starts a fake of LinkedIn: its Messages API, and its webhooks. */
export async function createLinkedinSimulator(options: SimulatorOptions): Promise<Simulator> {
  const network = new LinkedinNetwork(options);
  const server = await startNetworkServer((request) => network.handle(request), network.faults, {
    isSend: ({ method, path }) => method === "POST" && path === "/v2/messages",
    rateLimited: (retryAfterMs) => ({
      ...refusal(429, 101, "Too many requests"),
      headers: {
        "content-type": "application/json",
        "retry-after": String(Math.ceil(retryAfterMs / 1000)),
      },
    }),
    serverError: () => refusal(500, 500, "Internal Server Error"),
  });
  return {
    settings: { memberId: MEMBER, baseUrl: server.url },
    secrets: { accessToken: network.accessToken, clientSecret: network.clientSecret },
    handset: network.handset,
    get accepted() {
      return network.accepted;
    },
    faults: SHARED_FAULTS,
    inject: (fault) => network.faults.inject(fault),
    idle: () => network.idle(),
    async close() {
      await Promise.all([network.close(), server.close()]);
    },
  };
}

function refusal(status: number, serviceErrorCode: number, message: string): NetworkAnswer {
  return json({ status, serviceErrorCode, message }, status);
}

/** LinkedIn as one member and one app see it. */
class LinkedinNetwork {
  readonly faults = new Faults();
  readonly accessToken = randomBytes(24).toString("hex");
  readonly clientSecret = randomBytes(16).toString("hex");
  readonly handset: Handset;
  accepted = 0;
  readonly #options: SimulatorOptions;
  readonly #store = new HandsetStore();
  readonly #sender = new WebhookSender(this.faults);

  constructor(options: SimulatorOptions) {
    this.#options = options;
    const store = this.#store;
    this.handset = {
      identity: { label: "a member's id", example: "ann-8Rk2xW" },
      business: personUrn(MEMBER),
      persons: () => store.persons(),
      messages: (person) => store.messages(personIdOf(person) ?? person),
      write: async (person, draft) => this.#write(person, draft.text),
      onChange: (listener) => store.onChange(listener),
    };
  }

  handle(request: NetworkRequest): NetworkAnswer {
    if (request.headers["authorization"] !== `Bearer ${this.accessToken}`) {
      return refusal(401, 65600, "Invalid access token");
    }
    if (request.method === "GET" && request.path === "/v2/me") return json({ id: MEMBER });
    if (request.method !== "POST" || request.path !== "/v2/messages") {
      return refusal(404, 0, "No such resource");
    }
    if (request.headers["x-restli-protocol-version"] !== "2.0.0") {
      return refusal(400, 100, "X-RestLi-Protocol-Version must be 2.0.0");
    }
    return this.#create(request.body);
  }

  idle(): Promise<void> {
    return this.#sender.idle();
  }

  close(): Promise<void> {
    return this.#sender.close();
  }

  #create(body: Buffer): NetworkAnswer {
    const given = createSchema.safeParse(parseJson(body));
    if (!given.success) return refusal(422, 100, "Invalid message");
    const { recipients, thread, subject, body: text } = given.data;
    if ((recipients === undefined) === (thread === undefined)) {
      return refusal(422, 100, "Either recipients or thread");
    }
    const people =
      thread === undefined ? (recipients ?? []).map(personIdOf) : [THREAD.exec(thread)?.[1]];
    const id = randomBytes(12).toString("base64url");
    for (const person of people) {
      if (person === undefined) return refusal(400, 100, "Invalid recipient URN");
      if (STRANGER.test(person)) return refusal(403, 100, "Not a first-degree connection");
      this.#store.add({
        id,
        person,
        direction: "in",
        business: personUrn(MEMBER),
        text,
        media: [],
        ...(subject === undefined ? {} : { subject }),
        at: Date.now(),
        status: "delivered",
      });
    }
    this.accepted += 1;
    const created = json({ id }, 201);
    return { ...created, headers: { ...created.headers, "x-restli-id": id } };
  }

  #write(given: string, text: string): HandsetMessage {
    const person = personIdOf(given.trim());
    if (person === undefined) throw new Error(`${JSON.stringify(given)} is no member's id`);
    const message = this.#store.add({
      id: randomBytes(12).toString("base64url"),
      person,
      direction: "out",
      business: personUrn(MEMBER),
      text,
      media: [],
      at: Date.now(),
      status: "sent",
    });
    const body = JSON.stringify(notificationOf(message));
    this.#sender.send(() => ({
      url: this.#options.webhookUrl,
      headers: {
        "content-type": "application/json",
        "x-li-signature": signLinkedin(Buffer.from(body), this.clientSecret),
      },
      body,
    }));
    return message;
  }
}

function notificationOf({ id, person, text, at }: HandsetMessage): object {
  const [first = person] = person.split("-");
  return {
    notificationId: randomBytes(8).toString("hex"),
    elements: [
      {
        owner: personUrn(MEMBER),
        actor: personUrn(person),
        resourceName: "messages",
        resourceId: id,
        method: "CREATE",
        activity: {
          owner: personUrn(MEMBER),
          author: personUrn(person),
          createdAt: at,
          thread: `urn:li:messagingThread:2-${person}`,
          content: { format: "TEXT", fallback: text },
          attachments: [],
        },
        processedActivity: {
          "author~": {
            localizedFirstName: first.slice(0, 1).toUpperCase() + first.slice(1),
            localizedLastName: "Example",
          },
        },
      },
    ],
  };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
