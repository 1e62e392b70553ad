import type { Capabilities, Connector, CreateSimulator, Simulator } from "@anywire/connectors";

/** A simulated network, and the connection that leads there. */
export interface DevNetwork {
  /** The connection's id, the same at every start. */
  readonly connection: string;
  readonly connector: Connector;
  readonly simulator: Simulator;
  /** What the connection can do. */
  readonly capabilities: Capabilities;
}

/** The simulated networks of a development server. */
export interface DevNetworks {
  /** In the order of their connectors. */
  readonly networks: readonly DevNetwork[];
  /** Ends them all. A second call waits for the first. */
  close(): Promise<void>;
}

/** What simulated networks are started from. */
export interface DevNetworksOptions {
  /** Those without a simulator are passed over. */
  readonly connectors: readonly Connector[];
  /** The URL of a connection's webhooks, on this server. */
  readonly webhookUrlOf: (connection: string) => string;
  /** Told of a simulator that does not start: the others do. */
  readonly onError: (connector: string, error: unknown) => void;
  /** How long after a message each of its receipts comes, ms: a person is to see them come. Default 500. */
  readonly receiptDelayMs?: number;
  /** How long a simulator may take to start, ms. Default 15 s. */
  readonly startTimeoutMs?: number;
}

interface Plan {
  readonly connection: string;
  readonly connector: Connector;
  readonly load: () => Promise<CreateSimulator>;
}

/** Starts one simulator of each connector that has one, on loopback. Never rejects. */
export async function startDevNetworks(options: DevNetworksOptions): Promise<DevNetworks> {
  const { connectors, onError } = options;
  const started = await Promise.all(
    planned(connectors).map(async (plan): Promise<DevNetwork | undefined> => {
      try {
        const simulator = await start(plan, options);
        return describe(plan, simulator, options);
      } catch (error) {
        onError(plan.connector.id, error);
        return undefined;
      }
    }),
  );
  const networks = started.filter((network) => network !== undefined);
  let closing: Promise<unknown> | undefined;
  return {
    networks,
    async close() {
      closing ??= Promise.allSettled(networks.map(({ simulator }) => simulator.close()));
      await closing;
    },
  };
}

/** Ids follow from the connectors alone: what does not start today has its connection tomorrow. */
function planned(connectors: readonly Connector[]): Plan[] {
  const taken = new Set<string>();
  return connectors.flatMap((connector): Plan[] => {
    const { id, network, simulator: load } = connector;
    if (load === undefined) return [];
    const short = `demo-${network}`;
    const connection = taken.has(short) ? `demo-${id}` : short;
    taken.add(connection);
    return [{ connection, connector, load }];
  });
}

/** What does not suit the connector's own schema is of no use to anybody. */
function describe(
  { connection, connector }: Plan,
  simulator: Simulator,
  { webhookUrlOf }: DevNetworksOptions,
): DevNetwork {
  try {
    const capabilities = connector.capabilities({
      id: connection,
      platform: "production",
      settings: connector.configSchema.parse(simulator.settings),
      secrets: Object.fromEntries(
        Object.entries(simulator.secrets).map(([name, value]) => [name, [value]]),
      ),
      webhookUrl: webhookUrlOf(connection),
      now: Date.now,
    });
    return { connection, connector, simulator, capabilities };
  } catch (error) {
    void simulator.close().catch(() => undefined);
    throw error;
  }
}

async function start(
  { connection, connector, load }: Plan,
  { webhookUrlOf, receiptDelayMs = 500, startTimeoutMs = 15_000 }: DevNetworksOptions,
): Promise<Simulator> {
  const starting = load().then((create) =>
    create({ webhookUrl: webhookUrlOf(connection), receiptDelayMs }),
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`the simulator of ${connector.id} did not start in ${startTimeoutMs} ms`));
      // Nobody would end it.
      void starting.then((simulator) => simulator.close()).catch(() => undefined);
    }, startTimeoutMs);
  });
  try {
    return await Promise.race([starting, late]);
  } finally {
    clearTimeout(timer);
  }
}
