import type { LiveEvent, PresenceMember } from "@anywire/core";

/**
 * What a seat's key says, and what all nodes hear when it is written: a member came, moved to another node without
 * having been away, or went. A `fence` says that nobody is there and makes sure that nothing older is still to come.
 */
export interface SeatRecord extends PresenceMember, Origin {
  readonly type: "join" | "move" | "leave" | "fence";
  /** Whether another node took it off, because its own died. */
  readonly isOrphan?: true;
}

/** Something live on its way between nodes. */
export interface SignalRecord extends PresenceMember, Origin {
  readonly type: "signal";
  readonly kind: string;
  readonly dataJson: string;
}

/** What a node's key says. A `claimed` node is dead, and somebody takes its members off; one that `left` has closed. */
export interface NodeRecord {
  readonly type: "alive" | "claimed" | "left";
}

/** Who wrote a record, and the how many-th of its kind it is. */
interface Origin {
  readonly node: string;
  readonly n: number;
}

/** Length of a writer's name: a UUID. */
const WRITER_LENGTH = 36;
const decoder = new TextDecoder();

/** Where the seat of a client on a channel is kept. */
export function seatKey(channel: string, client: string): string {
  return `m.${channel}.${clientToken(client)}`;
}

/** Where all seats of a channel are. */
export function seatsOf(channel: string): string {
  return `m.${channel}.*`;
}

/** Where all seats are. */
export const ALL_SEATS = "m.>";

/** Where a node says that it is alive. */
export function nodeKey(node: string): string {
  return `node.${node}`;
}

/** Where all nodes are. */
export const ALL_NODES = "node.*";

/** Names the next life of a writer: a node that may have been taken for dead goes on under a new name. */
export function nodeName(writer: string, life: number): string {
  return `${writer}_${life}`;
}

/** Who lives or lived under that name. */
export function writerOf(node: string): string {
  return node.slice(0, WRITER_LENGTH);
}

/** Whether somebody sits there. */
export function isTaken({ type }: SeatRecord): boolean {
  return type === "join" || type === "move";
}

/** Reads a record. */
export function parseRecord<T extends SeatRecord | SignalRecord | NodeRecord>(data: Uint8Array): T {
  return JSON.parse(decoder.decode(data)) as T;
}

/** The channel of a seat, by its key. */
export function channelOfSeat(key: string): string {
  return key.slice(2, key.lastIndexOf("."));
}

/** What those who watch hear of a record; null for nothing. @param isOwn whether this node wrote it */
export function toLiveEvent(
  channel: string,
  { client, user, ...rest }: SeatRecord | SignalRecord,
  isOwn: boolean,
): LiveEvent | null {
  const member = { client, user };
  if (rest.type === "signal") {
    const { type, kind, dataJson } = rest;
    return { type, channel, member, kind, dataJson };
  }
  const { type, isOrphan } = rest;
  if (type !== "join" && type !== "leave") return null;
  return isOwn && isOrphan === true
    ? { type, channel, member, isOrphan }
    : { type, channel, member };
}

/** A client's id as one token of a key: what a key can't hold is `=` and four hexadecimal digits. */
function clientToken(client: string): string {
  if (client === "") return "=";
  return client.replace(
    /[^A-Za-z0-9_-]/g,
    (character) => `=${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
