import { DeleteTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

/** Deletes what servers with this prefix and table have made, as the servers of a run serve many tests. */
export async function forgetCluster(
  name: string,
  natsUrl: string,
  dynamodbUrl: string,
): Promise<void> {
  await Promise.all([deleteStreams(name, natsUrl), deleteTable(name, dynamodbUrl)]);
}

async function deleteStreams(prefix: string, url: string): Promise<void> {
  const connection = await connect({ servers: url });
  const { streams } = await jetstreamManager(connection);
  for await (const stream of streams.names()) {
    // A bucket's stream begins with KV_.
    if (stream.includes(prefix)) await streams.delete(stream);
  }
  await connection.close();
}

async function deleteTable(table: string, endpoint: string): Promise<void> {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new DynamoDBClient({ endpoint, region: "local", credentials });
  // A server that never came up has made none.
  await client.send(new DeleteTableCommand({ TableName: table })).catch(() => {});
  client.destroy();
}
