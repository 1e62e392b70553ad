import { expect, test } from "vitest";
import { codecBase64 } from "./codec-base64.ts";

test("btoa and atob are each other's inverse", () => {
  expect(codecBase64.btoa("hello")).toBe("aGVsbG8=");
  expect(codecBase64.atob("aGVsbG8=")).toBe("hello");
});

test("encodeString gives base64 that can stand in a URL, and decodeString reads both forms", () => {
  expect(codecBase64.encodeString("+")).toBe("Kw==");
  expect(codecBase64.btoa("~~~???")).toBe("fn5+Pz8/");
  expect(codecBase64.encodeString("~~~???")).toBe("fn5-Pz8_");
  expect(codecBase64.decodeString("fn5-Pz8_")).toBe("~~~???");
  expect(codecBase64.decodeString("fn5+Pz8/")).toBe("~~~???");
});

test("a character beyond U+00FF is refused rather than broken", () => {
  expect(() => codecBase64.btoa("€")).toThrow();
});
