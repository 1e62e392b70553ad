import type { ChannelType } from "@anywire/types";
import type { z } from "zod";
import type { HandshakingConnector } from "../contract/abilities.ts";
import type { Capabilities } from "../contract/capabilities.ts";
import type { SecretField } from "../contract/connector.ts";
import type { Fixture } from "../contract/fixture.ts";
import type { ConnectorLimit, Policy } from "../contract/policy.ts";
import type { CreateSimulator } from "../contract/simulator.ts";
import type { ChatAdapter } from "./chat-adapter.ts";
import type { ChatLogger } from "./chat-host.ts";

/** What an adapter is made of. */
export interface ChatSdkAdapterOptions<S> {
  readonly settings: S;
  /** A secret by its name; the empty text for one that is not set. */
  readonly secret: (name: string) => string;
  /**
   * Whether requests were verified before: then the adapter must not verify them again, since they are read later, without the headers
   * that prove where they are from.
   */
  readonly isVerified: boolean;
  /** One that says nothing: what adapters log may hold secrets, and what people write. */
  readonly logger: ChatLogger;
}

/** A connector made of an adapter of the Chat SDK. */
export interface ChatSdkOptions<S> {
  /** Small letters, digits and `-`. */
  readonly id: string;
  readonly displayName: string;
  readonly version?: string;
  /** Default: the id. */
  readonly network?: string;
  /** Default: one of the network's own, of a person each. */
  readonly channelType?: ChannelType;
  readonly configSchema: z.ZodType<S>;
  readonly secrets: readonly SecretField[];
  /** Settings that decide nothing about where the adapter sends secrets, and may change while those stay. Default: none. */
  readonly freeSettings?: readonly string[];
  /** Default: the network. Addresses are `<kind>:<the adapter's user id>`. */
  readonly addressKind?: string;
  readonly policy: Policy;
  readonly limits: readonly ConnectorLimit[];
  /** What the adapter can do, as its page tells. Receipts it gives none. */
  readonly capabilities: Omit<Capabilities, "receipts" | "idempotency">;
  /**
   * How text is given to the adapter. `tree`: it escapes what its network would take for more than text. `raw`: as it stands, for a
   * network whose text is nothing but text. A function escapes it, and it stands as that gives it. Default `tree`.
   */
  readonly textAs?: "tree" | "raw" | ((text: string) => string);
  /** Makes an adapter. No I/O, since it is also made to verify a request with a secret of before. */
  readonly adapter: (options: ChatSdkAdapterOptions<S>) => ChatAdapter;
  /** Where the network signs its time: refused when it is further away. Adapters look at a clock of their own. */
  readonly timestamp?: {
    readonly header: string;
    readonly unit: "s" | "ms";
    readonly maxAgeMs: number;
  };
  /** Headers that the adapter needs to read a request, and that are not kept with it since they authenticate somebody. */
  readonly headers?: (secret: (name: string) => string) => Readonly<Record<string, string>>;
  /** Answers challenges. */
  readonly handshake?: HandshakingConnector["handshake"];
  readonly simulator?: () => Promise<CreateSimulator>;
  readonly fixtures?: () => Promise<readonly Fixture[]>;
}
