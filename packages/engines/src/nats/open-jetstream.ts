import { AnywireError } from "@anywire/types";
import type { JetStreamManager, StreamConfig, StreamInfo } from "@nats-io/jetstream";
import { isNoStream, noStream } from "./nats-faults.ts";
import type { NatsLink } from "./nats-link.ts";

/** What makes a stream. */
export type StreamSettings = Partial<StreamConfig> & { readonly name: string };

/**
 * The way to the streams of a server.
 * @throws {AnywireError} `unavailable` when the package is not installed. What the client library throws is not translated.
 */
export async function openJetStream({ connection }: NatsLink): Promise<JetStreamManager> {
  const { jetstreamManager } = await importJetStream();
  return await jetstreamManager(connection);
}

/** A stream as it is; undefined when there is none. */
export async function findStream(
  manager: JetStreamManager,
  name: string,
): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(name);
  } catch (error) {
    if (isNoStream(error)) return undefined;
    throw error;
  }
}

/** Creates a stream, or takes the one that is there, however it was made. */
export async function ensureStream(
  manager: JetStreamManager,
  settings: StreamSettings,
): Promise<StreamInfo> {
  const found = await findStream(manager, settings.name);
  if (found !== undefined) return found;
  try {
    return await manager.streams.add(settings);
  } catch (error) {
    // Another node created it at the same moment, perhaps otherwise.
    const created = await findStream(manager, settings.name);
    if (created !== undefined) return created;
    throw isNoStream(error) ? noStream() : error;
  }
}

async function importJetStream(): Promise<typeof import("@nats-io/jetstream")> {
  try {
    return await import("@nats-io/jetstream");
  } catch (cause) {
    throw new AnywireError(
      "unavailable",
      "the NATS log needs a package that is not installed: npm install @nats-io/jetstream",
      { cause },
    );
  }
}
