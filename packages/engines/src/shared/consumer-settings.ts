import type { ConsumerOptions } from "@anywire/core";

/** Consumer options with every default filled in. */
export type ConsumerSettings = Required<Omit<ConsumerOptions, "foresee">> &
  Pick<ConsumerOptions, "foresee">;

/** Fills in the defaults that `ConsumerOptions` promises. */
export function consumerSettings(options: ConsumerOptions): ConsumerSettings {
  return {
    name: options.name,
    pattern: options.pattern,
    startAt: options.startAt ?? "first",
    concurrency: options.concurrency ?? 16,
    maxAttempts: options.maxAttempts ?? 8,
    minBackoffMs: options.minBackoffMs ?? 200,
    maxBackoffMs: options.maxBackoffMs ?? 60_000,
    ...(options.foresee === undefined ? {} : { foresee: options.foresee }),
  };
}
