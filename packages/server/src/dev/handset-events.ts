import type { HandsetEvent } from "@anywire/types";
import type { DevHandset, HandsetChange } from "./dev-handset.ts";

/** How long a stream is silent at most, ms: proxies cut off what says nothing. */
const KEEP_ALIVE_MS = 15_000;

/** Of more persons at once one is told to read all again. */
const MAX_PENDING = 1000;

/** How many pages may listen at once. */
const MAX_STREAMS = 32;

/** Tells pages what changed, as server-sent events. */
export interface HandsetEvents {
  /** One page's stream; undefined when too many listen. It ends when the handset closes or nobody reads it any more. */
  open(): ReadableStream<Uint8Array> | undefined;
}

/** Streams of what changes on a handset. A page that is slow hears of each person once, however much has changed. */
export function createHandsetEvents(
  handset: DevHandset,
  keepAliveMs = KEEP_ALIVE_MS,
): HandsetEvents {
  let open = 0;
  return {
    open() {
      if (open >= MAX_STREAMS) return undefined;
      open += 1;
      return streamOf(handset, keepAliveMs, () => {
        open -= 1;
      });
    },
  };
}

function streamOf(
  handset: DevHandset,
  keepAliveMs: number,
  onEnd: () => void,
): ReadableStream<Uint8Array> {
  const pending = new Map<string, HandsetEvent>();
  const utf8 = new TextEncoder();
  let wake: (() => void) | undefined;
  let isOver = false;
  let isCancelled = false;
  const unlisten = handset.onChange((change) => {
    note(pending, change);
    wake?.();
  });
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    unlisten();
    handset.closed.removeEventListener("abort", end);
    onEnd();
    wake?.();
  };
  handset.closed.addEventListener("abort", end);
  // Without anything to read there would be no headers, and the page would not know that it is heard.
  let text = ": here\n\n";
  return new ReadableStream<Uint8Array>(
    {
      // Called when the page has taken what came before: what happens meanwhile is pending, once for each person.
      async pull(controller) {
        if (text === "" && pending.size === 0 && !isOver) {
          await silence(keepAliveMs, (stop) => {
            wake = stop;
          });
          wake = undefined;
        }
        if (isCancelled) return;
        if (isOver || handset.closed.aborted) {
          end();
          controller.close();
          return;
        }
        for (const event of pending.values()) text += `data: ${JSON.stringify(event)}\n\n`;
        pending.clear();
        controller.enqueue(utf8.encode(text === "" ? ": still here\n\n" : text));
        text = "";
      },
      cancel() {
        isCancelled = true;
        end();
      },
    },
    { highWaterMark: 0 },
  );
}

function note(pending: Map<string, HandsetEvent>, change: HandsetChange | undefined): void {
  if (change === undefined || pending.size >= MAX_PENDING) {
    pending.clear();
    pending.set("", { type: "networks" });
    return;
  }
  const { network, person } = change;
  const { id } = network.connector;
  pending.set(`${id} ${person}`, { type: "person", network: id, person });
}

/** Resolves after that time, or when it is stopped. */
function silence(ms: number, onStart: (stop: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    onStart(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
