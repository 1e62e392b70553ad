import type { Listening } from "../ports/listening.ts";
import type {
  LiveEvent,
  Presence,
  PresenceCapabilities,
  PresenceMember,
  PresenceOccupant,
  PresenceStats,
  PresenceWatcher,
} from "../ports/presence.ts";
import { Gate } from "./gate.ts";

/**
 * Gives a driver the life that `Presence` promises, so that no driver has to: it is started once; before
 * that and after `close` every call rejects with `unavailable`; `close` waits for calls under way.
 */
export function managePresence(driver: Presence): Presence {
  return new ManagedPresence(driver);
}

class ManagedPresence implements Presence {
  readonly capabilities: PresenceCapabilities;
  readonly #driver: Presence;
  readonly #gate = new Gate("presence");

  constructor(driver: Presence) {
    this.#driver = driver;
    this.capabilities = driver.capabilities;
  }

  start(): Promise<void> {
    return this.#gate.start(() => this.#driver.start());
  }

  join(channel: string, member: PresenceMember): Promise<void> {
    return this.#gate.run(() => this.#driver.join(channel, member));
  }

  leave(channel: string, client: string): Promise<void> {
    return this.#gate.run(() => this.#driver.leave(channel, client));
  }

  members(channel: string, limit: number): Promise<readonly PresenceMember[]> {
    return this.#gate.run(() => this.#driver.members(channel, limit));
  }

  lately(channel: string, withinMs: number): Promise<readonly PresenceOccupant[]> {
    return this.#gate.run(() => this.#driver.lately(channel, withinMs));
  }

  stats(channel: string): Promise<PresenceStats> {
    return this.#gate.run(() => this.#driver.stats(channel));
  }

  signal(event: LiveEvent & { readonly type: "signal" }): Promise<void> {
    return this.#gate.run(() => this.#driver.signal(event));
  }

  watch(watcher: PresenceWatcher): Listening {
    this.#gate.assertOpen();
    return this.#driver.watch(watcher);
  }

  close(): Promise<void> {
    return this.#gate.close(() => this.#driver.close());
  }
}
