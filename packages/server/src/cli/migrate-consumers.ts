import { isDeepStrictEqual } from "node:util";
import type { ConsumerSnapshot, NatsLogImport } from "@anywire/engines/nats";
import type { SqliteSource } from "@anywire/engines/sqlite";

type Source = Pick<SqliteSource, "consumers" | "consumer">;

/** What was copied of durable consumers. */
export interface CopiedConsumers {
  readonly consumers: number;
  /** Channels that they work apart from the others, most of them to try an entry again. */
  readonly waiting: number;
  readonly deadLetters: number;
}

/** Makes the target's consumers what the source's are. */
export async function copyConsumers(
  source: Source,
  target: Pick<NatsLogImport, "writeConsumer">,
  onCopied: (consumers: number) => void,
): Promise<CopiedConsumers> {
  let [consumers, waiting, deadLetters] = [0, 0, 0];
  for (const name of source.consumers) {
    const snapshot = source.consumer(name);
    await target.writeConsumer(name, snapshot);
    consumers += 1;
    waiting += snapshot.parked.length;
    deadLetters += snapshot.givenUp.length;
    onCopied(consumers);
  }
  return { consumers, waiting, deadLetters };
}

/** In what the target's consumers differ from the source's, for people; nothing when they are the same. */
export async function consumerDifferences(
  source: Source,
  target: Pick<NatsLogImport, "consumer">,
): Promise<string[]> {
  const differences: string[] = [];
  for (const name of source.consumers) {
    const [embedded, cluster] = [source.consumer(name), await target.consumer(name)];
    if (isDeepStrictEqual(cluster, embedded)) continue;
    const [here, there] = [textOf(embedded), textOf(cluster)];
    const how =
      here === there ? `${here}, of other content` : `${here} embedded, ${there} in the cluster`;
    differences.push(`the consumer ${name}: ${how}`);
  }
  return differences;
}

function textOf({ position, parked, givenUp }: ConsumerSnapshot): string {
  return `at offset ${position}, ${parked.length} waiting channels, ${givenUp.length} dead letters`;
}
