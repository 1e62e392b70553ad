import { AnywireError } from "@anywire/types";
import type { KeepOptions, Kept, ListKeysOptions } from "../../author/context.ts";
import {
  checkAddend,
  checkKeepOptions,
  checkKey,
  checkListOptions,
  checkRevision,
  toValueJson,
} from "../../author/key-value-bounds.ts";
import type { CallMethod } from "../run.ts";
import type { Ask } from "./discarded-effects.ts";

/** Most keys that the host lists at once. */
const MAX_LISTED = 1_000;

/** Keys as a run sees them whose writes are discarded: what it wrote itself lies over what is kept. */
export class KeyValueOverlay {
  readonly #ask: Ask;
  /** JSON and revision; null for what was deleted. */
  readonly #written = new Map<
    string,
    { readonly json: string; readonly revision: number } | null
  >();
  #revisions = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  static answers(method: CallMethod): boolean {
    return method.startsWith("kv.");
  }

  /** One after the other: an addition reads before it writes, and none may be lost. */
  call(method: CallMethod, args: readonly unknown[]): Promise<unknown> {
    const answer = () => this.#answer(method, args);
    const done = this.#last.then(answer, answer);
    this.#last = done;
    return done;
  }

  async #answer(method: CallMethod, args: readonly unknown[]): Promise<unknown> {
    if (method === "kv.list") return await this.#list(args[0] as ListKeysOptions | undefined);
    const key = checkKey(args[0]);
    switch (method) {
      case "kv.read":
        return await this.#read(key);
      case "kv.set":
        checkKeepOptions(args[2] as KeepOptions | undefined);
        return this.#write(key, args[1]);
      case "kv.delete":
        this.#written.set(key, null);
        return undefined;
      case "kv.increment":
        return await this.#increment(key, checkAddend(args[1]));
      default:
        return await this.#compareAndSet(key, checkRevision(args[1]), args[2]);
    }
  }

  async #read(key: string): Promise<Kept | undefined> {
    const own = this.#written.get(key);
    if (own === undefined)
      return ((await this.#ask("kv.read", [key])) ?? undefined) as Kept | undefined;
    return own === null ? undefined : { value: JSON.parse(own.json), revision: own.revision };
  }

  #write(key: string, value: unknown): void {
    const json = toValueJson(key, value);
    this.#revisions += 1;
    // Beyond any that is kept, so that it is another than that of what was read before.
    this.#written.set(key, { json, revision: Number.MAX_SAFE_INTEGER - this.#revisions });
  }

  async #increment(key: string, by: number): Promise<number> {
    const kept = (await this.#read(key))?.value ?? 0;
    const sum = Number(kept) + by;
    if (!Number.isSafeInteger(kept) || !Number.isSafeInteger(sum)) {
      throw new AnywireError(
        "bad_request",
        `what is kept under ${key} is no whole number, or would be too large`,
      );
    }
    this.#write(key, sum);
    return sum;
  }

  async #compareAndSet(key: string, revision: number, value: unknown): Promise<boolean> {
    const actual = (await this.#read(key))?.revision ?? 0;
    if (actual !== revision) return false;
    this.#write(key, value);
    return true;
  }

  async #list(options: ListKeysOptions | undefined): Promise<readonly string[]> {
    const { prefix, after, limit } = checkListOptions(options);
    const isListed = (key: string) => key.startsWith(prefix) && compareUtf8(key, after) > 0;
    const own = [...this.#written].filter(([key]) => isListed(key));
    const asked = Math.min(limit + own.length, MAX_LISTED);
    const kept = (await this.#ask("kv.list", [
      { prefix, after, limit: asked },
    ])) as readonly string[];
    const keys = new Set(kept);
    // What lies behind the host's last key is only known to be complete when the host had no more.
    const last = kept.length < asked ? undefined : kept.at(-1);
    for (const [key, item] of own) {
      if (item === null) keys.delete(key);
      else if (last === undefined || compareUtf8(key, last) <= 0) keys.add(key);
    }
    return [...keys].sort(compareUtf8).slice(0, limit);
  }
}

function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
