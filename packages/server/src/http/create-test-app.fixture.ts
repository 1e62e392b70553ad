import {
  AccountPresences,
  type BlobStore,
  createAccess,
  createOperations,
  createPipeline,
  createWaitFor,
  type Log,
  maskDeleted,
  type Presence,
  type StateStore,
} from "@anywire/core";
import {
  createMemoryBlobStore,
  createMemoryLog,
  createMemoryPresence,
  createMemoryState,
  MemoryLogBackend,
} from "@anywire/engines/memory";
import { createChannelTypeRegistry } from "@anywire/types";
import type { Hono } from "hono";
import { createAttachmentIntake } from "../attachments/intake.ts";
import { createThumbnailer } from "../attachments/thumbnailer.ts";
import type { AttachmentsConfig } from "../config/config.ts";
import { createMetrics } from "../metrics/metrics.ts";
import { generateKeySet } from "../tokens/key-set.ts";
import { createTokenIssuer, type TokenRequest } from "../tokens/token-issuer.ts";
import { createTokenVerifier } from "../tokens/token-verifier.ts";
import { createRecordedFunctions } from "./functions/served-functions.fixture.ts";
import { createHttpApp, type HttpAppOptions } from "./http-app.ts";
import { createTestNetworks } from "./test-networks.fixture.ts";

/** A request of a test. */
export interface TestRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  /** Default: one that may do everything on the platform `production`. `null` for none. */
  readonly token?: string | null;
  /** Whether the token is one that may manage functions, in place of the default. */
  readonly isOperator?: true;
}

/** The HTTP edge on memory drivers, without a socket. */
export interface TestApp {
  readonly app: Hono;
  readonly log: Log;
  readonly presence: Presence;
  readonly state: StateStore;
  readonly blobs: BlobStore;
  /** Lines written at level `error`. */
  readonly errorLines: object[];
  /** Lines written at level `debug`: one for each request. */
  readonly debugLines: object[];
  issue(request: Partial<TokenRequest>): Promise<string>;
  send(path: string, request?: TestRequest): Promise<Response>;
}

/** What of the HTTP edge to replace, and which attachments it takes. */
export interface TestAppChanges extends Partial<HttpAppOptions> {
  readonly attachments?: AttachmentsConfig;
}

const ATTACHMENTS = { maxBytes: 200_000, types: ["image/*", "text/*", "application/pdf"] };

/** Puts the HTTP edge together for tests; `changes` replaces options of it. */
export async function createTestApp(changes: TestAppChanges = {}): Promise<TestApp> {
  const backend = new MemoryLogBackend();
  const [log, state] = [createMemoryLog(backend), createMemoryState(backend)];
  const presence = createMemoryPresence();
  const { blobs = createMemoryBlobStore(), attachments = ATTACHMENTS } = changes;
  await Promise.all([log.start(), state.start(), presence.start(), blobs.start()]);
  const channelTypes = createChannelTypeRegistry();
  const access = createAccess({ channelTypes, state, membershipOf: () => undefined });
  const limits = { maxMessageBytes: 4096, maxDepth: 8 };
  const pipeline = createPipeline({ access, log, presence, ...limits });
  const accountPresences = new AccountPresences({
    ...{ presence, log, state },
    graceMs: 0,
    onError: (error) => {
      throw error;
    },
  });
  const model = { access, pipeline, log, state, presence, accountPresences, channelTypes };
  const keySet = await generateKeySet();
  const issuer = createTokenIssuer(keySet, { defaultTtlSeconds: 60 });
  const errorLines: object[] = [];
  const debugLines: object[] = [];
  const app = createHttpApp({
    log: maskDeleted(log, state),
    presence,
    access,
    pipeline,
    ...createTestNetworks(createOperations({ ...model, maxParticipants: 100 }), {
      ...{ log, state, blobs, access, pipeline, channelTypes },
    }),
    functions: createRecordedFunctions(),
    waitFor: createWaitFor(state),
    verifier: createTokenVerifier(keySet, { algorithms: ["ES256"], clockToleranceSeconds: 0 }),
    jwks: () => keySet.publicJwks(),
    metrics: createMetrics(),
    isReady: async () => ({ log: { ok: true } }),
    http: { corsOrigins: [], maxBodyBytes: 8192, trustProxy: false },
    limits: { maxDepth: 8 },
    blobs,
    intake: createAttachmentIntake({ blobs, attachments, thumbnailer: createThumbnailer() }),
    version: "1.2.3",
    publicDirectory: new URL("./missing", import.meta.url).pathname,
    logger: {
      debug: (line: object) => void debugLines.push(line),
      error: (line: object) => void errorLines.push(line),
    },
    ...changes,
  });
  const issue = (request: Partial<TokenRequest>): Promise<string> =>
    issuer.issue({ accountId: "bob", platform: "production", ...request });
  const everything = ["production.>"];
  const bob = await issue({ subscribe: everything, publish: everything });
  const manage = ["anywire.system.*"];
  const operator = await issue({ accountId: "ops", platform: "anywire", manage });
  const send = async (path: string, request: TestRequest = {}): Promise<Response> =>
    app.request(path, requestInit(request, request.isOperator === true ? operator : bob));
  return { app, log, state, presence, blobs, errorLines, debugLines, issue, send };
}

/** Bytes that come in pieces, without saying how many there will be. */
export function streamOf(...chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

function requestInit(
  { token, json, body, headers, method }: TestRequest,
  bob: string,
): RequestInit {
  const payload = json === undefined ? body : JSON.stringify(json);
  return {
    method: method ?? (payload === undefined ? "GET" : "POST"),
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token ?? bob}` }),
      ...(json === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(payload === undefined ? {} : { body: payload, duplex: "half" }),
  };
}
