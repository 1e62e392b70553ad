import fc from "fast-check";
import { expect, test } from "vitest";
import { Ring } from "./ring.ts";

test("a ring is a list that one adds to at one end and takes from at the other", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 400, size: "max" }), (pushes) => {
      const ring = new Ring<number>();
      const list: number[] = [];
      for (const [i, isPush] of pushes.entries()) {
        if (isPush) {
          ring.push(i);
          list.push(i);
        } else {
          expect(ring.shift()).toBe(list.shift());
        }
        expect(ring.size).toBe(list.length);
        expect([ring.at(0), ring.at(list.length - 1)]).toEqual([list[0], list.at(-1)]);
      }
      expect(list.map((_, i) => ring.at(i))).toEqual(list);
    }),
  );
});
