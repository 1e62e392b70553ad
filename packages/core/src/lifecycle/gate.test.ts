import { describe, expect, it } from "vitest";
import { Gate } from "./gate.ts";

const unavailable = { code: "unavailable" };

describe("Gate", () => {
  it("starts once, however often it is asked to", async () => {
    const gate = new Gate("log");
    let starts = 0;
    const start = async (): Promise<void> => {
      starts += 1;
    };
    await Promise.all([gate.start(start), gate.start(start)]);
    await gate.start(start);
    expect(starts).toBe(1);
  });

  it("refuses calls until the start has resolved, and says why", async () => {
    const gate = new Gate("log");
    const started = deferred();
    const starting = gate.start(() => started.promise);
    await expect(gate.run(async () => 1)).rejects.toMatchObject({
      ...unavailable,
      message: "the log has not been started",
    });
    started.resolve();
    await starting;
    await expect(gate.run(async () => 1)).resolves.toBe(1);
  });

  it("stays shut when the start failed, and can still be closed", async () => {
    const gate = new Gate("log");
    await expect(gate.start(() => Promise.reject(new Error("locked")))).rejects.toThrow("locked");
    await expect(gate.run(async () => 1)).rejects.toMatchObject(unavailable);
    let isClosed = false;
    await gate.close(async () => {
      isClosed = true;
    });
    expect(isClosed).toBe(true);
  });

  it("waits for calls under way before it closes, failed ones too, and refuses new ones", async () => {
    const gate = new Gate("log");
    await gate.start(async () => {});
    const good = deferred();
    const bad = deferred();
    const calls = Promise.allSettled([gate.run(() => good.promise), gate.run(() => bad.promise)]);
    const steps: string[] = [];
    const closing = gate.close(async () => void steps.push("closed"));
    await expect(gate.run(async () => 1)).rejects.toMatchObject({ message: "the log is closed" });
    steps.push("refused");
    good.resolve();
    bad.reject(new Error("failed"));
    await closing;
    await calls;
    expect(steps).toEqual(["refused", "closed"]);
  });

  it("lets calls in while it winds down, and closes even when that fails", async () => {
    const gate = new Gate("log");
    await gate.start(async () => {});
    const steps: string[] = [];
    const closing = gate.close(
      async () => void steps.push("closed"),
      async () => {
        steps.push(await gate.run(async () => "called"));
        throw new Error("not saved");
      },
    );
    await expect(closing).rejects.toThrow("not saved");
    expect(steps).toEqual(["called", "closed"]);
  });

  it("closes once, also when that is asked for while it starts", async () => {
    const gate = new Gate("log");
    const steps: string[] = [];
    const started = deferred();
    const starting = gate.start(async () => {
      await started.promise;
      steps.push("started");
    });
    const close = async (): Promise<void> => void steps.push("closed");
    const closings = [gate.close(close), gate.close(close)];
    started.resolve();
    await Promise.all([starting, ...closings]);
    expect(steps).toEqual(["started", "closed"]);
    await expect(gate.run(async () => 1)).rejects.toMatchObject(unavailable);
    await expect(gate.start(async () => {})).rejects.toMatchObject(unavailable);
  });
});

interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

function deferred(): Deferred {
  let settle: Omit<Deferred, "promise"> = { resolve: () => {}, reject: () => {} };
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle };
}
