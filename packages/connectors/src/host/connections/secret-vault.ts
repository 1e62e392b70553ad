import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import type { KeyValueStore } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import { z } from "zod";

/** A secret's value, and until when it holds: null for as long as there is no other. */
export interface SecretValue {
  readonly value: string;
  /** Milliseconds since the Unix epoch. */
  readonly until: number | null;
}

/** The secrets of one connection by their names, the newest value of each first. */
export type Secrets = Readonly<Record<string, readonly SecretValue[]>>;

/** What is kept of a connection. */
export interface KeptSecrets {
  readonly secrets: Secrets;
  /** The settings that they were given for. Undefined where none are kept, and in what was kept before this was noted. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
}

/** Where secrets of connections are kept: encrypted, beside the log, which never has them. */
export interface SecretVault {
  /** No secrets when there are none. @throws {AnywireError} `storage_damaged` when they were kept under another key */
  read(connection: string): Promise<KeptSecrets>;
  write(connection: string, kept: KeptSecrets): Promise<void>;
  remove(connection: string): Promise<void>;
}

const ALGORITHM = "aes-256-gcm";
const VERSION = 1;

const sealedSchema = z.object({
  version: z.literal(VERSION),
  iv: z.base64(),
  tag: z.base64(),
  data: z.base64(),
});

const secretsSchema = z.record(
  z.string(),
  z.array(z.object({ value: z.string(), until: z.number().nullable() })),
);

const keptSchema = z.union([
  z.strictObject({
    settings: z.record(z.string(), z.unknown()).optional(),
    secrets: secretsSchema,
  }),
  // As they were kept at first.
  secretsSchema.transform((secrets) => ({ secrets })),
]);

/**
 * A vault in a key-value store. What is kept is bound to its connection: under another's name it can't be opened.
 * @see https://nvlpubs.nist.gov/nistpubs/Legacy/SP/nistspecialpublication800-38d.pdf AES-GCM
 */
export function createSecretVault(kv: KeyValueStore, secret: string): SecretVault {
  const key = Buffer.from(hkdfSync("sha256", secret, "", "anywire connection secrets", 32));
  return {
    async read(connection) {
      const kept = await kv.get(nameOf(connection));
      return kept === undefined ? NOTHING : open(key, connection, kept.value);
    },
    async write(connection, kept) {
      await kv.set(nameOf(connection), seal(key, connection, kept));
    },
    remove: (connection) => kv.delete(nameOf(connection)),
  };
}

/**
 * A vault without a key: connections without secrets can be had. `refusal` makes the error for what would take a key, from what can't
 * be done.
 */
export function createLockedVault(
  kv: KeyValueStore,
  refusal: (what: string) => AnywireError,
): SecretVault {
  return {
    async read(connection) {
      if ((await kv.get(nameOf(connection))) === undefined) return NOTHING;
      // Without them every webhook would be taken for forged, and nobody would see why.
      throw refusal(`the secrets of connection ${connection} can't be read`);
    },
    async write(_, { secrets }) {
      if (Object.keys(secrets).length > 0) throw refusal("secrets can't be kept");
    },
    remove: (connection) => kv.delete(nameOf(connection)),
  };
}

const NOTHING: KeptSecrets = { secrets: {} };

function nameOf(connection: string): string {
  return `connection-secrets/${connection}`;
}

function seal(key: Buffer, connection: string, kept: KeptSecrets): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv(ALGORITHM, key, iv).setAAD(Buffer.from(connection));
  const data = Buffer.concat([cipher.update(JSON.stringify(kept), "utf8"), cipher.final()]);
  return JSON.stringify({
    version: VERSION,
    iv: iv.toString("base64"),
    tag: cipher.getAuthTag().toString("base64"),
    data: data.toString("base64"),
  });
}

function open(key: Buffer, connection: string, text: string): KeptSecrets {
  try {
    const { iv, tag, data } = sealedSchema.parse(JSON.parse(text));
    const decipher = createDecipheriv(ALGORITHM, key, Buffer.from(iv, "base64"))
      .setAAD(Buffer.from(connection))
      .setAuthTag(Buffer.from(tag, "base64"));
    const bytes = Buffer.concat([decipher.update(Buffer.from(data, "base64")), decipher.final()]);
    return keptSchema.parse(JSON.parse(bytes.toString("utf8")));
  } catch {
    // What went wrong inside says nothing that helps, and might say something of a secret.
    throw new AnywireError(
      "storage_damaged",
      `the secrets of connection ${connection} can't be opened: connectors.encryptionKey is not the one they were kept under`,
    );
  }
}
