import { expect, test } from "vitest";
import { addressIn, fieldsOf, threadOf } from "./network-fields.ts";

test("there is a field for each network that there is, and one for each that nobody knows", () => {
  const fields = fieldsOf(["myspace", "email", "sms", "sms", "myspace"]);
  expect(fields.map(({ type, label }) => [type, label])).toEqual([
    ["sms", "Phone number"],
    ["email", "Email address"],
    ["myspace", "Address"],
  ]);
  expect(fieldsOf([])).toEqual([]);
});

test("where it can't be known which networks there are, all well-known ones are offered", () => {
  expect(fieldsOf(undefined).map(({ type }) => type)).toContain("whatsapp");
});

test("an address is written as people write it, or with its kind", () => {
  const [sms, email] = fieldsOf(["sms", "email"]);
  const [other] = fieldsOf(["myspace"]);
  if (sms === undefined || email === undefined || other === undefined) throw new Error("no field");
  expect(addressIn(" +44 7700 900123 ", sms)).toBe("phone:+44 7700 900123");
  expect(addressIn("whatsapp:US.13491208655302741918", sms)).toBe(
    "whatsapp:US.13491208655302741918",
  );
  expect(addressIn("ann@example.org", email)).toBe("email:ann@example.org");
  expect(addressIn("myspace:tom", other)).toBe("myspace:tom");
  expect(addressIn("tom", other)).toBe("myspace:tom");
  const [pager] = fieldsOf(["gateway"], () => "pager");
  expect(pager).toMatchObject({ type: "gateway", kind: "pager", hint: "pager:…" });
  expect(addressIn("  ", sms)).toBeUndefined();
});

test("one subject, written otherwise, is one thread", () => {
  expect(threadOf("  Your   Offer ")).toBe(threadOf("your offer"));
});
