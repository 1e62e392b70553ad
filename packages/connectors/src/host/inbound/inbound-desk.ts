import {
  type Appended,
  type Caller,
  type EntryDraft,
  isLate,
  type LogEntry,
  type Principal,
  type StateKey,
} from "@anywire/core";
import {
  AnywireError,
  accountAddress,
  type DomainKind,
  describeIssue,
  type EntryData,
} from "@anywire/types";
import type { InboundEvent } from "../../contract/inbound-event.ts";
import type { OpenConnection } from "../connections/connections.ts";
import { INBOUND_DEFAULTS, type InboundOptions, type InboundSettings } from "./inbound-options.ts";

/** In whose name is done what follows from what networks tell. */
const ACCOUNT = "connectors";

/** The longest id of a network's that is kept as it is. */
const MAX_EXTERNAL_ID = 512;

/** An event of a webhook, and what handling it can lean on. */
export interface Work<E extends InboundEvent = InboundEvent> {
  readonly event: E;
  readonly platform: string;
  readonly connection: OpenConnection;
  /** What it came in by. */
  readonly webhook: LogEntry;
  /** 1 for the first. */
  readonly attempt: number;
}

/** What an event is about is not there, or not yet: it may be on its way. */
export class NotKnownYet extends Error {
  override readonly name = "NotKnownYet";
}

/** The ports, and what handling several kinds of events does with them. */
export class InboundDesk {
  readonly options: InboundOptions;
  readonly settings: InboundSettings;
  readonly now: () => number;
  /** The address in whose name entries stand that nobody outside says. */
  readonly sender: string = accountAddress(ACCOUNT);

  constructor(options: InboundOptions) {
    this.options = options;
    this.settings = { ...INBOUND_DEFAULTS, ...options.settings };
    this.now = options.now ?? Date.now;
  }

  /** Somebody who may do everything on a platform. */
  principal(platform: string): Principal {
    const all = [`${platform}.>`];
    return {
      accountId: ACCOUNT,
      platform,
      patterns: { subscribe: all, publish: all, manage: all },
      expiresAt: Number.POSITIVE_INFINITY,
    };
  }

  /** Carries out an operation of the model. @throws {AnywireError} what it throws */
  async call(platform: string, name: string, request: object): Promise<unknown> {
    const operation = this.options.operations.get(name);
    if (operation === undefined)
      throw new AnywireError("internal", `there is no operation ${name}`);
    const caller: Caller = { principal: this.principal(platform) };
    const checked = operation.request.safeParse(request);
    if (checked.success) return (await operation.run(caller, checked.data)).answer;
    const [issue] = checked.error.issues;
    const where = issue?.path.map(String).join(".");
    const words = issue && describeIssue(issue, request);
    throw new AnywireError("bad_request", `${name}: ${where}: ${words}`);
  }

  /** One document; undefined when it is not there. */
  async get<T>(key: StateKey<T>): Promise<T | undefined> {
    const { values } = await this.options.state.get([key]);
    return values[0] as T | undefined;
  }

  /** One document by a state that has all that is on a channel, also what another node put there before it died. */
  async getAfter<T>(channel: string, key: StateKey<T>): Promise<T | undefined> {
    const { log, state } = this.options;
    if (!isLate(state)) return await this.get(key);
    const { values } = await state.get([key], { atLeast: await log.head(channel) });
    return values[0] as T | undefined;
  }

  /** Waits until the state has an entry, and so all before it, also what came about on other nodes. */
  async reach(offset: number): Promise<void> {
    const { state } = this.options;
    if (isLate(state)) await state.get([], { atLeast: offset });
  }

  /** Documents of one type, in the order of their keys. */
  async getAll<T>(keys: readonly StateKey<T>[]): Promise<readonly (T | undefined)[]> {
    if (keys.length === 0) return [];
    return (await this.options.state.get(keys)).values as (T | undefined)[];
  }

  /** Stores an entry of the model. @throws {AnywireError} what the fold refuses it with, and what the log throws */
  async record<K extends DomainKind>(
    kind: K,
    { channel, id, sender = this.sender }: RecordPlace,
    data: EntryData<K>,
  ): Promise<Appended> {
    return await this.append({ channel, id, kind, sender, dataJson: JSON.stringify(data) });
  }

  /** Stores an entry. @throws {AnywireError} what the fold refuses it with, and what the log throws */
  async append(draft: EntryDraft): Promise<Appended> {
    return await this.options.log.append(draft);
  }
}

/** Where an entry stands. */
export interface RecordPlace {
  readonly channel: string;
  /** Makes that it is stored once. */
  readonly id: string;
  /** Default: nobody outside. */
  readonly sender?: string;
}

/** A network's id as it can be kept. The state's keys have an end, and networks' ids need not. */
export function assertExternalId(externalId: string): void {
  if (externalId.length >= 1 && externalId.length <= MAX_EXTERNAL_ID) return;
  throw new AnywireError(
    "bad_request",
    `what the network calls it must have 1 to ${MAX_EXTERNAL_ID} characters, not ${externalId.length}`,
  );
}

/** Whether an id can be one that is kept. */
export function isExternalId(externalId: string): boolean {
  return externalId.length >= 1 && externalId.length <= MAX_EXTERNAL_ID;
}
