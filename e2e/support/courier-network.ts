import { randomUUID } from "node:crypto";
import type { Handset, Simulator } from "@anywire/connectors";
import {
  Faults,
  HandsetStore,
  type NetworkAnswer,
  type NetworkRequest,
  SHARED_FAULTS,
  startNetworkServer,
} from "@anywire/connectors/simulator";

interface Parcel {
  readonly id: string;
  readonly to: string;
  readonly text: string;
  readonly by: number;
}

/** The network of couriers on loopback. */
export interface CourierNetwork extends Simulator {
  /** The process that sent last. */
  readonly by: number | undefined;
}

/** Starts a network of couriers. */
export async function startCourierNetwork(): Promise<CourierNetwork> {
  const faults = new Faults();
  const store = new HandsetStore();
  const names = new Map<string, string>();
  let accepted = 0;
  let by: number | undefined;
  const take = ({ id, to, text, by: sender }: Parcel): NetworkAnswer => {
    const name = randomUUID();
    accepted += 1;
    by = sender;
    names.set(id, name);
    const shown = { id: name, person: to, business: "courier", media: [], at: Date.now(), text };
    store.add({ ...shown, direction: "in", status: "delivered" });
    return { status: 200, body: name };
  };
  const answer = ({ method, path, body }: NetworkRequest): NetworkAnswer => {
    if (method === "POST") return take(JSON.parse(body.toString()));
    const name = names.get(path.slice("/parcels/".length));
    return name === undefined ? { status: 404, body: "" } : { status: 200, body: name };
  };
  const server = await startNetworkServer(answer, faults, {
    isSend: ({ method }) => method === "POST",
    rateLimited: () => ({ status: 429, body: "" }),
    serverError: () => ({ status: 500, body: "" }),
  });
  const handset: Handset = {
    identity: { label: "a house", example: "house-1" },
    business: "courier",
    persons: () => store.persons(),
    messages: (person) => store.messages(person),
    write: () => Promise.reject(new Error("nobody writes to a courier")),
    onChange: (listener) => store.onChange(listener),
  };
  return {
    settings: { url: server.url },
    secrets: {},
    handset,
    get accepted() {
      return accepted;
    },
    get by() {
      return by;
    },
    faults: SHARED_FAULTS,
    inject: (fault) => faults.inject(fault),
    idle: async () => {},
    close: () => server.close(),
  };
}
