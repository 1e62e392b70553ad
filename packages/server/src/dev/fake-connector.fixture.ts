import type { Connector, Fault, Handset, Simulator } from "@anywire/connectors";
import { HandsetStore } from "@anywire/connectors/simulator";
import { z } from "zod";

/** A simulator that only remembers. */
export interface FakeSimulator extends Simulator {
  readonly store: HandsetStore;
  readonly injected: Fault[];
  isClosed: boolean;
}

/** What of a fake network is otherwise than usual. */
export interface FakeConnectorOptions {
  readonly id?: string;
  readonly network?: string;
  readonly displayName?: string;
  readonly identity?: Handset["identity"];
  readonly business?: string;
  /** Abilities that it lacks. */
  readonly without?: readonly ("read" | "react" | "typing" | "changeIdentity")[];
  readonly hasMedia?: boolean;
  /** Told of each simulator that starts. */
  readonly onStart?: (simulator: FakeSimulator, webhookUrl: string) => void;
  /** Takes the place of the simulator's start. */
  readonly start?: () => Promise<Simulator>;
}

/** A connector whose network is a list of messages: nothing is sent anywhere. */
export function createFakeConnector(options: FakeConnectorOptions = {}): Connector {
  const { id = "fake", network = "sms", displayName = "Fake", hasMedia = true } = options;
  return {
    id,
    version: "1.0.0",
    displayName,
    network,
    channelType: {
      name: network,
      identity: "participants",
      network,
      description: "Messages of a fake network.",
    },
    configSchema: z.object({ port: z.int().describe("Where it listens.") }),
    secrets: [{ name: "token", description: "Anything.", isRequired: true }],
    addressKinds: ["phone"],
    policy: { bulkAllowed: false, notes: "None." },
    limits: [],
    capabilities: () => ({
      text: { maxLength: 1600, formatting: "dropped" },
      ...(hasMedia ? { media: { image: { level: "full" as const } }, reply: "full" as const } : {}),
      receipts: { sent: true, delivered: true, read: true },
      canStart: true,
      idempotency: "none",
    }),
    verify: () => ({ isGenuine: true }),
    parse: async () => [],
    send: async () => ({ outcome: "unknown", reason: "it is a fake" }),
    simulator: async () => async (given) => {
      if (options.start !== undefined) return options.start();
      const simulator = createFakeSimulator(options);
      options.onStart?.(simulator, given.webhookUrl);
      return simulator;
    },
  };
}

let port = 1000;

function createFakeSimulator(options: FakeConnectorOptions): FakeSimulator {
  const store = new HandsetStore();
  const injected: Fault[] = [];
  port += 1;
  return {
    settings: { port },
    secrets: { token: `secret-${port}` },
    handset: createFakeHandset(store, options),
    accepted: 0,
    store,
    injected,
    faults: ["rate_limit", "late_webhook"],
    isClosed: false,
    inject: (fault) => void injected.push(fault),
    idle: async () => {},
    async close() {
      this.isClosed = true;
    },
  };
}

function createFakeHandset(store: HandsetStore, options: FakeConnectorOptions): Handset {
  const {
    identity = { label: "a phone number", example: "+447700900123" },
    business = "+15005550006",
    without = [],
  } = options;
  let count = 0;
  const all: Handset = {
    identity,
    business,
    persons: () => store.persons(),
    messages: (person) => store.messages(person),
    async write(person, { text, media, subject, replyTo }) {
      if (!person.startsWith(identity.example.charAt(0))) {
        throw new Error(`${person} is not ${identity.label}; write one like ${identity.example}`);
      }
      count += 1;
      return store.add({
        id: `${options.id ?? "fake"}-out-${count}`,
        person,
        direction: "out",
        business,
        text,
        media: media === undefined ? [] : [{ ...media, url: dataUrl(media) }],
        ...(subject === undefined ? {} : { subject }),
        ...(replyTo === undefined ? {} : { replyTo }),
        at: Date.now(),
        status: "sent",
      });
    },
    async read(person) {
      for (const { id, direction } of store.messages(person)) {
        if (direction === "in") store.change(id, { status: "read" });
      }
    },
    async react(_person, id, emoji) {
      store.change(id, { reaction: emoji ?? undefined } as object);
    },
    typing: async () => {},
    async changeIdentity(person, to) {
      store.rename(person, to);
    },
    onChange: (listener) => store.onChange(listener),
  };
  return Object.fromEntries(
    Object.entries(all).filter(([name]) => !(without as readonly string[]).includes(name)),
  ) as unknown as Handset;
}

function dataUrl({ mimeType, bytes }: { mimeType: string; bytes: Uint8Array }): string {
  return `data:${mimeType};base64,${Buffer.from(bytes).toString("base64")}`;
}
