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
  const pager = { network: "gateway", displayName: "Night desk", addressKinds: ["pager"] };
  expect(fieldsOf(["gateway"], [pager])).toMatchObject([{ kind: "pager", hint: "pager:…" }]);
  expect(addressIn("  ", sms)).toBeUndefined();
});

test("a network that nobody knows is called as its connector is, and asks for a well-known kind of address with an example", () => {
  const connectors = [
    { network: "signal-http", displayName: "Signal", addressKinds: ["phone"] },
    { network: "sms", displayName: "Twilio SMS", addressKinds: ["phone"] },
  ];
  const [sms, signal, other] = fieldsOf(["signal-http", "myspace", "sms"], connectors);
  const phone = { label: "Phone number", hint: "+447700900123", kind: "phone" };
  expect(sms).toMatchObject({ name: "SMS", ...phone });
  expect(signal).toEqual({ type: "signal-http", name: "Signal", ...phone });
  expect(other).toMatchObject({ name: "Myspace", label: "Address", hint: "myspace:…" });
  // What is peculiar to letters is not so to whatever reaches a mailbox.
  const post = { network: "post", displayName: "Post", addressKinds: ["email"] };
  expect(fieldsOf(["post"], [post])[0]).not.toHaveProperty("hasSubject");
});

test("one subject, written otherwise, is one thread", () => {
  expect(threadOf("  Your   Offer ")).toBe(threadOf("your offer"));
});
