import { centrifugeWire } from "./centrifuge-wire.ts";
import { plainWsWire } from "./plain-ws-wire.ts";
import { socketIoWire } from "./socket-io-wire.ts";
import type { Wire } from "./wire.ts";

/** Names a wire in messages between processes. */
export type WireName = "centrifuge" | "plain-ws" | "socket.io";

/** Every wire by its name. */
export const wires: Readonly<Record<WireName, Wire>> = {
  centrifuge: centrifugeWire,
  "plain-ws": plainWsWire,
  "socket.io": socketIoWire,
};
