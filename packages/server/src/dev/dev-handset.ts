import { AnywireError } from "@anywire/types";
import type { DevNetwork, DevNetworks } from "./dev-networks.ts";

/**
 * What the handset page plays on. It is there before the networks are: they need the address at which the server listens.
 */
export interface DevHandset {
  /** Whether networks are on their way. */
  readonly isStarting: boolean;
  readonly networks: readonly DevNetwork[];
  /** Aborts when it closes: streams to pages end. */
  readonly closed: AbortSignal;
  /** The network of a connector. @throws {AnywireError} `not_found` */
  network(id: string): DevNetwork;
  /** From now on these are the networks. Once; it closes them, also when it was closed itself before. */
  use(networks: DevNetworks): void;
  /** Hears of each network that changes for a person; undefined means: which networks there are. Returns what ends it. */
  onChange(listener: (change: HandsetChange | undefined) => void): () => void;
  /** Ends the streams to pages, then the networks. A second call waits for the first. */
  close(): Promise<void>;
}

/** Where something changed. */
export interface HandsetChange {
  readonly network: DevNetwork;
  readonly person: string;
}

/** A handset, still without networks. */
export function createDevHandset(): DevHandset {
  return new Handset();
}

class Handset implements DevHandset {
  readonly #listeners = new Set<(change: HandsetChange | undefined) => void>();
  readonly #end = new AbortController();
  #used: DevNetworks | undefined;

  get isStarting(): boolean {
    return this.#used === undefined;
  }

  get networks(): readonly DevNetwork[] {
    return this.#used?.networks ?? [];
  }

  get closed(): AbortSignal {
    return this.#end.signal;
  }

  network(id: string): DevNetwork {
    const found = this.networks.find(({ connector }) => connector.id === id);
    if (found !== undefined) return found;
    throw new AnywireError("not_found", `there is no simulated network ${id.slice(0, 64)}`);
  }

  use(networks: DevNetworks): void {
    if (this.closed.aborted) {
      void networks.close();
      return;
    }
    this.#used = networks;
    for (const network of networks.networks) {
      network.simulator.handset.onChange((person) => this.#tell({ network, person }));
    }
    this.#tell(undefined);
  }

  onChange(listener: (change: HandsetChange | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#end.abort();
    await this.#used?.close();
  }

  #tell(change: HandsetChange | undefined): void {
    for (const listener of this.#listeners) listener(change);
  }
}
