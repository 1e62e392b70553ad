import { expect, test } from "vitest";
import { chooseAddress, consentAddresses } from "./choose-address.ts";

const contact = (...addresses: [address: string, verifiedAt?: number][]) => ({
  addresses: addresses.map(([address, verifiedAt = null]) => ({
    address,
    addedAt: 0,
    verifiedAt,
    from: [],
  })),
});
const whatsapp = { addressKinds: ["wa", "whatsapp"], alsoReaches: { phone: "whatsapp" } };

test("the best kind of its own comes first, then what stands for one", () => {
  const all = contact(["phone:+1"], ["whatsapp:+2"], ["wa:3"]);
  expect(chooseAddress(all, whatsapp)).toBe("wa:3");
  expect(chooseAddress(contact(["email:a@b.c"], ["phone:+1"]), whatsapp)).toBe("whatsapp:+1");
});

test("of one kind a verified address comes first, then the one that was there first", () => {
  expect(chooseAddress(contact(["wa:1"], ["wa:2", 5]), whatsapp)).toBe("wa:2");
  expect(chooseAddress(contact(["wa:1"], ["wa:2"]), whatsapp)).toBe("wa:1");
});

test("who has no address that it reaches has none, whatever kinds are called like what objects have", () => {
  expect(chooseAddress(contact(["email:a@b.c"], ["constructor:x"]), whatsapp)).toBeUndefined();
});

test("who said no under the number that an address stands for has said no", () => {
  expect(consentAddresses("whatsapp:+1", whatsapp)).toEqual(["whatsapp:+1", "phone:+1"]);
});

test("an address of its kind that it can't send to is passed over", () => {
  const numbersOnly = { ...whatsapp, reaches: (address: string) => address.includes("+") };
  const both = contact(["whatsapp:US.13491208655302741918"], ["whatsapp:+2"]);
  expect(chooseAddress(both, whatsapp)).toBe("whatsapp:US.13491208655302741918");
  expect(chooseAddress(both, numbersOnly)).toBe("whatsapp:+2");
});
