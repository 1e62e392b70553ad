import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

/** A prefix that no other test has. */
export function newPrefix(): string {
  return `t-${crypto.randomUUID().slice(0, 13)}`;
}

/** Removes what a test has left in the server. */
export async function removeStreams(url: string, prefix: string): Promise<void> {
  const connection = await connect({ servers: url });
  const { streams } = await jetstreamManager(connection);
  for await (const name of streams.names(`${prefix}.>`)) await streams.delete(name);
  await connection.close();
}
