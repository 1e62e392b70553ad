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
