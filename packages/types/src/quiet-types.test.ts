import { expect, test } from "vitest";
import { createChannelTypeRegistry } from "./channel-types.ts";
import { isQuietType, namesQuietType, QUIET_TYPES } from "./quiet-types.ts";

test("every quiet type is declared, and every type that only the server writes is quiet", () => {
  const types = createChannelTypeRegistry().list();
  const names = types.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining([...QUIET_TYPES]));
  for (const { name, identity } of types)
    if (identity === "server") expect(isQuietType(name)).toBe(true);
});

test("a name or pattern names a quiet type by its second segment alone", () => {
  for (const type of QUIET_TYPES) {
    for (const pattern of [`p.${type}.x`, `*.${type}.x`, `p.${type}.*`, `p.${type}.>`]) {
      expect(namesQuietType(pattern)).toBe(true);
    }
    for (const pattern of [
      `${type}.group.x`,
      `p.group.${type}`,
      `${type}.>`,
      `p.${type}s.x`,
      `p.my-${type}.x`,
    ]) {
      expect(namesQuietType(pattern)).toBe(false);
    }
  }
  for (const pattern of [">", "p.>", "p.*.x", "*.*.*"]) expect(namesQuietType(pattern)).toBe(false);
});
