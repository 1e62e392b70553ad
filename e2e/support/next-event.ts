import type { EventMap, TypedEventEmitter } from "centrifuge";

/** The next event of that name from a client or subscription of the official SDK. */
export function nextEvent<Events extends EventMap, Name extends keyof Events>(
  emitter: TypedEventEmitter<Events>,
  name: Name,
): Promise<Parameters<Events[Name]>[0]> {
  return new Promise((resolve) => {
    emitter.once(name, ((context: Parameters<Events[Name]>[0]) =>
      resolve(context)) as Events[Name]);
  });
}
