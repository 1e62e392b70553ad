import { expect, test } from "vitest";
import { hideSecrets } from "./hide-secrets.ts";

test("a secret is hidden as it is, in a URL, in JSON and in Base64, also one that holds still; a short one is no secret", () => {
  const value = 'sesame/"open"';
  const secrets = { token: [value, "the one before"], none: [], pin: ["7"], odd: ["\ud800broken"] };
  const forms = [
    value,
    encodeURIComponent(value),
    JSON.stringify(value),
    Buffer.from(value).toString("base64"),
    "the one before",
  ];
  for (const form of forms) {
    const shown = hideSecrets(`no such token: ${form}, 7 times`, { secrets });
    expect(shown.replaceAll('"', "")).toBe("no such token: ***, 7 times");
  }
});
