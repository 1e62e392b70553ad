import fc from "fast-check";
import { expect, test } from "vitest";
import { canaryChooser } from "./canary.ts";

const channels = Array.from({ length: 10_000 }, (_, i) => `production.group.${i}`);

test.each([1, 10, 50, 99])("%i of 100 channels have it", (percent) => {
  const has = canaryChooser("revision", percent);
  const share = (channels.filter(has).length * 100) / channels.length;
  expect(Math.abs(share - percent)).toBeLessThan(2);
});

test("a channel that has it keeps it when more have it", () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.string(),
      fc.integer({ min: 0, max: 99 }),
      (revision, name, percent) => {
        const [now, later] = [
          canaryChooser(revision, percent),
          canaryChooser(revision, percent + 1),
        ];
        expect(now(name) && !later(name)).toBe(false);
      },
    ),
  );
});

test("other channels have another revision", () => {
  const [one, other] = [canaryChooser("one", 50), canaryChooser("other", 50)];
  const both = channels.filter((name) => one(name) && other(name)).length;
  expect(Math.abs(both / channels.length - 0.25)).toBeLessThan(0.02);
});
