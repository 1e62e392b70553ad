import type { Listening } from "@anywire/core";
import type { BusListener, ChangeBus } from "../shared/change-bus.ts";
import { patternTest } from "../shared/pattern-test.ts";

interface Ear {
  readonly listener: BusListener;
  readonly tests: Set<(topic: string) => boolean>;
}

/** What the buses of the nodes of one test share. */
export class MemoryBusHub {
  readonly ears = new Set<Ear>();
  /** While true, what is told is lost. */
  isCut = false;

  /** Tells every listener that it may have missed something. */
  miss(): void {
    for (const { listener } of this.ears) listener.onMissed();
  }
}

/** A bus between the nodes of one test. What is told comes a turn of the event loop later, in order. */
export function createMemoryChangeBus(hub: MemoryBusHub): ChangeBus {
  return {
    start: async () => {},
    tell: (topic, text) => {
      if (hub.isCut) return;
      for (const { listener, tests } of hub.ears) {
        setImmediate(() => {
          for (const test of tests) if (test(topic)) listener.onText(topic, text);
        });
      }
    },
    listen: (listener) => listen(hub, listener),
    close: async () => {},
  };
}

function listen(hub: MemoryBusHub, listener: BusListener): Listening {
  const ear: Ear = { listener, tests: new Set() };
  hub.ears.add(ear);
  return {
    hearsAll: false,
    follow: async (pattern) => {
      const test = pattern.includes(".") || pattern === ">" ? patternTest(pattern) : undefined;
      const own = (topic: string): boolean =>
        test === undefined ? topic === pattern : topic.includes(".") && test(topic);
      ear.tests.add(own);
      return () => void ear.tests.delete(own);
    },
    stop: () => void hub.ears.delete(ear),
  };
}
