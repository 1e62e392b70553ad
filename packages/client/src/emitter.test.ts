import { expect, test } from "vitest";
import { Emitter } from "./emitter.ts";

test("who begins to listen while an event is told hears the next one, and who stops hears no more", () => {
  // Whoever listened anew from its own listener was told of the same event for ever.
  const emitter = new Emitter<{ readonly news: number }>();
  const heard: string[] = [];
  const again = (number: number): void => {
    heard.push(`again ${number}`);
    stop();
    if (heard.length < 10) stop = emitter.on("news", again);
    stopOther();
  };
  let stop = emitter.on("news", again);
  const stopOther = emitter.on("news", (number) => heard.push(`other ${number}`));
  emitter.emit("news", 1);
  emitter.emit("news", 2);
  expect(heard).toEqual(["again 1", "again 2"]);
});

test("one function can listen twice, and each time stops for itself", () => {
  // It was kept once, so that the first to stop stopped the other too.
  const emitter = new Emitter<{ readonly news: number }>();
  const heard: number[] = [];
  const listener = (number: number): void => void heard.push(number);
  const stop = emitter.on("news", listener);
  emitter.on("news", listener);
  emitter.emit("news", 1);
  stop();
  stop();
  emitter.emit("news", 2);
  expect(heard).toEqual([1, 1, 2]);
});
