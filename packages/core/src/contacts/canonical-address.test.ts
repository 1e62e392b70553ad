import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalAddress } from "./canonical-address.ts";

function refusal(words: string) {
  return expect.objectContaining({
    code: "bad_request",
    message: expect.stringContaining(words),
  });
}

const SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  "phone:+447700900123": [
    "phone:+447700900123",
    "phone:+44 7700 900123",
    "phone:+44 (0)7700 900123",
    "phone:+44-7700-900123",
    "phone:+44.7700.900.123",
    "phone:(+44) 7700 900123",
    "phone:00447700900123",
    "phone:00 44 7700 900123",
    "phone: +44\u00a07700\u00a0900123 ",
    "phone:\u202a+44 7700 900123\u202c",
    "phone:＋４４７７００９００１２３",
    "phone:+٤٤٧٧٠٠٩٠٠١٢٣",
    " Phone :+447700900123",
    "PHONE:+447700900123",
    "tel:+44-7700-900123",
    "sms:+447700900123",
  ],
  "phone:+14155552671": [
    "phone:+1 (415) 555-2671",
    "phone:001 415 555 2671",
    "tel:+1.415.555.2671",
  ],
  "phone:+390669812345": ["phone:+39 06 6981 2345"],
  "phone:+525512345678": ["phone:+52 55 1234 5678", "phone:+52 1 55 1234 5678"],
  "email:ann@example.org": [
    "email:ann@example.org",
    "email: Ann@Example.ORG ",
    "EMAIL:ANN@EXAMPLE.ORG",
    "mailto:ann@example.org",
  ],
  "email:ann@xn--bcher-kva.example": [
    "email:ann@Bücher.example",
    "email:ann@xn--bcher-kva.example",
  ],
  "email:jos\u00e9@example.org": ["email:jose\u0301@example.org", "email:JOS\u00c9@example.org"],
  "email:a.n.n+shop@example.org": ["email:A.n.n+Shop@example.org"],
  "email:o'neil/x=y@example.org": ["email:O'Neil/x=y@example.org"],
  "whatsapp:+447700900123": [
    "whatsapp:447700900123",
    "whatsapp:+44 7700 900123",
    "whatsapp:447700900123@c.us",
    "whatsapp:447700900123@s.whatsapp.net",
    "WhatsApp:00447700900123",
  ],
  "whatsapp:+525512345678": ["whatsapp:5215512345678", "whatsapp:525512345678"],
  "whatsapp:US.13491208655302741918": ["whatsapp:US.13491208655302741918"],
  "whatsapp:123456789012345@lid": ["whatsapp:123456789012345@lid"],
  "x:ann_l": ["x:@Ann_L", "x:ann_l", "X:ANN_L"],
  "telegram:ann": ["telegram:@Ann", "telegram:ann"],
  "telegram:987654321": ["telegram:987654321"],
  "slack:U012AB3CD": ["slack:U012AB3CD", "Slack: U012AB3CD"],
  "linkedin:ACoAABcdEF": ["linkedin:ACoAABcdEF"],
  "constructor:x": ["constructor:x"],
};

describe.each(Object.entries(SPELLINGS))("%s", (canonical, spellings) => {
  test.each(spellings)("is what %j comes to", (spelling) => {
    expect(canonicalAddress(spelling)).toBe(canonical);
  });
});

test("dots, tags and the case of ids tell people apart", () => {
  const different = [
    "email:ann.lee@example.org",
    "email:annlee@example.org",
    "email:annlee+shop@example.org",
    "slack:U1",
    "slack:u1",
  ];
  expect(new Set(different.map(canonicalAddress)).size).toBe(different.length);
});

test.each([
  "phone:",
  "phone:+",
  "phone:07700900123",
  "phone:+1 212",
  "phone:+44 7700 9001234567",
  "phone:+999123456789",
  "phone:call +447700900123",
  "phone:+1-800-FLOWERS",
  "phone:+447700900123 +447700900124",
  "whatsapp:12",
])("%j is no phone number, and the error says how to write one", (text) => {
  expect(() => canonicalAddress(text)).toThrow(refusal("with its country code"));
});

test("a number with an extension is refused, since several people sit behind it", () => {
  for (const text of ["phone:+44 7700 900123 ext. 5", "tel:+447700900123;ext=5"]) {
    expect(() => canonicalAddress(text)).toThrow(refusal("has an extension"));
  }
});

test.each([
  "email:ann",
  "email:@example.org",
  "email:ann@localhost",
  "email:ann@127.0.0.1",
  // A Greek question mark is a semicolon in its normal form.
  "email:ann\u037e@example.org",
  "email:ann@example.org/path",
  "email:ann@example.org:25",
  "email:ann@example.org#x",
  "email:ann@exa%6dple.org",
  "email:ann@example.org\\x",
  "email:ann@-example.org",
  "email:ann@bob@example.org",
  "email:ann,bob@example.org",
  "email:<ann@example.org>",
  "email:Ann Lee <ann@example.org>",
  `email:${"a".repeat(65)}@example.org`,
  `email:ann@${"example.".repeat(32)}org`,
  `email:${"a".repeat(64)}@${"example.".repeat(24)}org`,
])("%j is no email address", (text) => {
  expect(() => canonicalAddress(text)).toThrow(refusal("is no email address"));
});

test("a name on a network has letters, digits and _", () => {
  for (const text of ["x:ann-lee", "telegram:@", "x:@@ann", "telegram:ann lee"]) {
    expect(() => canonicalAddress(text)).toThrow(refusal("neither a name nor an id"));
  }
});

test("what is not kind:value is refused", () => {
  for (const text of [
    "",
    "nonsense",
    ":",
    ":x",
    "ann:",
    "__proto__:x",
    "slack:a b",
    "slack:a\u0000",
  ]) {
    expect(() => canonicalAddress(text)).toThrow(refusal("is not an address"));
  }
});

test("whatever comes in, it is refused clearly or comes to a form that stays", () => {
  const kind = fc.constantFrom("phone", "tel", "email", "mailto", "whatsapp", "x", "slack", "Fax");
  const value = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.emailAddress(),
    fc.string({ unit: "grapheme" }).map((local) => `${local}@example.org`),
    fc.stringMatching(/^(00|\+|\(\+)?[1-9][0-9 ().-]{5,16}(@c\.us)?$/),
  );
  fc.assert(
    fc.property(kind, value, (ofKind, written) => {
      let canonical: string;
      try {
        canonical = canonicalAddress(`${ofKind}:${written}`);
      } catch (error) {
        expect(error).toEqual(refusal(""));
        return;
      }
      expect(canonicalAddress(canonical)).toBe(canonical);
    }),
    { numRuns: 3_000 },
  );
});
