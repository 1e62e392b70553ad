import fc from "fast-check";
import { expect, onTestFinished, test, vi } from "vitest";
import { ChannelOrder } from "./in-order.ts";

/** Work on a channel: done at once, or when a scheduler says so. */
interface Work {
  readonly channel: string;
  readonly isAsync: boolean;
  readonly fails: boolean;
}

const workArbitrary: fc.Arbitrary<Work> = fc.record({
  channel: fc.constantFrom("a", "b", "c"),
  isAsync: fc.boolean(),
  fails: fc.boolean(),
});

test("outcomes of one channel come in the order of their calls, whatever each takes, and each to its own caller", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(workArbitrary, { maxLength: 20 }),
      async (scheduler, works) => {
        const order = new ChannelOrder();
        const begun: number[] = [];
        const ended: { channel: string; i: number }[] = [];
        const call = async ({ channel, isAsync, fails }: Work, i: number): Promise<void> => {
          const outcome = (): number => {
            if (fails) throw new Error(String(i));
            return i;
          };
          const work = (): number | Promise<number> => {
            begun.push(i);
            return isAsync ? scheduler.schedule(Promise.resolve()).then(outcome) : outcome();
          };
          try {
            // Whatever is thrown at once is caught no sooner than what is given at once.
            const run = async (): Promise<number> => order.run(channel, work);
            expect(await run()).toBe(i);
            expect(fails).toBe(false);
          } catch (error) {
            expect(error).toEqual(new Error(String(i)));
          }
          ended.push({ channel, i });
        };
        const all = works.map(call);
        expect(begun).toEqual(works.map((_, i) => i));
        await scheduler.waitFor(Promise.all(all));
        for (const channel of ["a", "b", "c"]) {
          const ofChannel = ended.filter((end) => end.channel === channel).map(({ i }) => i);
          expect(ofChannel).toEqual(ofChannel.toSorted((a, b) => a - b));
        }
        expect(ended.length).toBe(works.length);
      },
    ),
  );
});

test("on a channel at rest what gives no promise is answered without one, and nothing is kept", () => {
  const order = new ChannelOrder();
  expect(order.run("a", () => 1)).toBe(1);
  const refuse = (): never => {
    throw new Error("no");
  };
  expect(() => order.run("a", refuse)).toThrow("no");
  expect(order.size).toBe(0);
});

test("a channel waits for no other", async () => {
  const order = new ChannelOrder();
  void order.run("a", () => new Promise(() => {}));
  expect(order.run("b", () => 1)).toBe(1);
  expect(await order.run("b", async () => 2)).toBe(2);
});

test("what failed before its turn is told in its turn, and held against nobody else", async () => {
  const order = new ChannelOrder();
  const { promise, resolve } = Promise.withResolvers<string>();
  const told: unknown[] = [];
  const tell = (outcome: unknown): void => void told.push(outcome);
  const first = order.run("a", () => promise);
  const second = order.run("a", () => {
    throw "second";
  });
  const third = order.run("a", () => "third");
  const all = [first, second, third].map((outcome) => Promise.resolve(outcome).then(tell, tell));
  await new Promise((settled) => setTimeout(settled));
  expect(told).toEqual([]);
  resolve("first");
  await Promise.all(all);
  expect(told).toEqual(["first", "second", "third"]);
});

test("work can begin in its turn instead", async () => {
  const order = new ChannelOrder();
  const steps: string[] = [];
  const work = (name: string) => async (before: Promise<void> | undefined) => {
    await before;
    steps.push(`${name} begins`);
    await Promise.resolve();
    steps.push(`${name} ends`);
  };
  await Promise.all([order.run("a", work("one")), order.run("a", work("two"))]);
  expect(steps).toEqual(["one begins", "one ends", "two begins", "two ends"]);
});

test("what has just had its turn goes on before whoever need not wait, however soon that comes", async () => {
  for (let ticks = 0; ticks < 10; ticks += 1) {
    const order = new ChannelOrder();
    const stored: string[] = [];
    const store = async (name: string, work: () => void | Promise<void>): Promise<void> => {
      const outcome = order.run("a", work);
      if (outcome instanceof Promise) {
        await outcome;
        // Its way to the log may be longer than that of one who need not wait.
        for (let step = 0; step < 5; step += 1) await null;
      }
      stored.push(name);
    };
    const { promise, resolve } = Promise.withResolvers<void>();
    const first = store("first", () => promise);
    resolve();
    for (let tick = 0; tick < ticks; tick += 1) await null;
    await Promise.all([first, store("second", () => {})]);
    expect(stored).toEqual(["first", "second"]);
  }
});

test("nothing is kept for a channel at rest, nor forgotten for one that is not", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const order = new ChannelOrder();
  await order.run("a", async () => 1);
  const { promise, resolve } = Promise.withResolvers<number>();
  const second = order.run("a", () => promise);
  await vi.advanceTimersByTimeAsync(10);
  const third = order.run("a", () => 3);
  expect(third).toBeInstanceOf(Promise);
  resolve(2);
  expect(await Promise.all([second, third])).toEqual([2, 3]);
  await vi.advanceTimersByTimeAsync(10);
  expect(order.size).toBe(0);
});
