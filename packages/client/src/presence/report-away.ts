import type { DeviceStatus } from "@anywire/types";
import type { AnywireClient } from "../client.ts";
import type { Unlisten } from "../emitter.ts";

/** The part of a browser's `document` that is used here. */
export interface WatchedPage {
  readonly visibilityState: string;
  addEventListener(name: string, listener: () => void, capture: boolean): void;
  removeEventListener(name: string, listener: () => void, capture: boolean): void;
}

/** When somebody counts as away. */
export interface ReportAwayOptions {
  /** After how long without a key, a click, a touch or a scroll, ms. Default 300,000. */
  readonly afterMs?: number;
  /** Default: the page that the script runs in. */
  readonly page?: WatchedPage;
}

const ACTIVITY = ["visibilitychange", "pointerdown", "pointermove", "keydown", "wheel", "scroll"];

/** A mouse that moves is noticed so often, ms. */
const NOTICE_EVERY_MS = 1_000;

/** After how long what the server refused is said again, ms. */
const RETRY_MS = 10_000;

/**
 * Tells the others that nobody is at this device, when nobody has touched its page for a while, and when somebody is again.
 * For browsers.
 */
export function reportAway(
  client: Pick<AnywireClient, "state" | "on" | "call">,
  { afterMs = 300_000, page = thisPage() }: ReportAwayOptions = {},
): Unlisten {
  let activeAt = Date.now();
  /** What the server thinks: a new connection counts as online. Undefined when it refused to hear it. */
  let reported: DeviceStatus | undefined = "online";
  /** Counts the connections. */
  let connection = 0;
  let isStopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const report = (): void => {
    clearTimeout(timer);
    const leftMs = activeAt + afterMs - Date.now();
    const status = leftMs > 0 ? "online" : "away";
    if (status === "online") timer = setTimeout(report, leftMs);
    if (status === reported || client.state !== "connected") return;
    void say(status);
  };
  const say = async (status: DeviceStatus): Promise<void> => {
    reported = status;
    const saidOn = connection;
    const isSaid = await client.call("presence.set", { status }).then(
      () => true,
      () => false,
    );
    if (isStopped) return;
    if (!isSaid) {
      reported = undefined;
      clearTimeout(timer);
      timer = setTimeout(report, RETRY_MS);
    } else if (saidOn !== connection) {
      // It was asked again on the next connection, after what that one began with.
      reported = status;
      report();
    }
  };
  const onActivity = (): void => {
    const now = Date.now();
    if (page?.visibilityState !== "visible" || now - activeAt < NOTICE_EVERY_MS) return;
    activeAt = now;
    if (reported !== "online") report();
  };
  const stopListening = client.on("state", ({ state }) => {
    if (state !== "connected") return;
    connection += 1;
    reported = "online";
    report();
  });
  for (const name of ACTIVITY) page?.addEventListener(name, onActivity, true);
  report();
  return () => {
    isStopped = true;
    clearTimeout(timer);
    stopListening();
    for (const name of ACTIVITY) page?.removeEventListener(name, onActivity, true);
  };
}

function thisPage(): WatchedPage | undefined {
  return (globalThis as { readonly document?: WatchedPage }).document;
}
