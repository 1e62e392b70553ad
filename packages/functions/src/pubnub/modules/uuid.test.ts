import { expect, test } from "vitest";
import { uuid } from "./uuid.ts";

const { v3, v4, v5, validate, version } = uuid;
const DNS = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";

test("v4 is random each time", () => {
  expect(v4()).not.toBe(v4());
  expect(version(v4())).toBe(4);
});

test("v3 and v5 are the same for the same name: those of RFC 9562", () => {
  expect(v3("www.example.com", DNS)).toBe("5df41881-3aed-3515-88a7-2f4a814cf09e");
  expect(v5("www.example.com", DNS)).toBe("2ed6657d-e927-568b-95e1-2665a8aea6a2");
});

test("it is the whole package", () => {
  expect(uuid.v6ToV1(uuid.v1ToV6(DNS))).toBe(DNS);
});

test("validate tells what is one", () => {
  expect(validate(DNS)).toBe(true);
  expect(validate("6ba7b810")).toBe(false);
});
