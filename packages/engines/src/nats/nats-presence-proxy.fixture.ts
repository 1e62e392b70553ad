import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A way to a server that a test can cut. */
export interface CuttableProxy {
  readonly url: string;
  /** Ends all connections and lets no new one through. */
  cut(): void;
  /** Lets them through again. */
  heal(): void;
  /** Holds everything back, without a connection ending. */
  freeze(): void;
  /** Holds back what the server says. */
  holdAnswers(): void;
  /** Delivers what was held back. */
  thaw(): void;
  /** Loses what the server says from now on, until the next cut. */
  swallowAnswers(): void;
  close(): Promise<void>;
}

/** Starts a proxy on loopback for `nats://` addresses. */
export async function startProxy(target: string): Promise<CuttableProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const answering = new Set<Socket>();
  let isCut = false;
  let isDeaf = false;
  const server = createServer((inner) => {
    if (isCut) return void inner.destroy();
    const outer = connect(Number(port), hostname);
    answering.add(outer);
    outer.on("close", () => answering.delete(outer));
    join(inner, outer, () => true);
    join(outer, inner, () => !isDeaf);
  });
  const join = (from: Socket, to: Socket, passes: () => boolean): void => {
    sockets.add(from);
    from.on("error", () => {});
    from.on("data", (bytes) => {
      if (passes()) to.write(bytes);
    });
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  await once(server.listen(0, "127.0.0.1"), "listening");
  const cut = (): void => {
    isCut = true;
    isDeaf = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    heal: () => {
      isCut = false;
    },
    freeze: () => {
      for (const socket of sockets) socket.pause();
    },
    holdAnswers: () => {
      for (const socket of answering) socket.pause();
    },
    thaw: () => {
      for (const socket of sockets) socket.resume();
    },
    swallowAnswers: () => {
      isDeaf = true;
    },
    close: async () => {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
