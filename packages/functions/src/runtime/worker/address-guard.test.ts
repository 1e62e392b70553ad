import { expect, test } from "vitest";
import { createAddressGuard } from "./address-guard.ts";

const mayReach = createAddressGuard([]);

test.each([
  "0.0.0.0",
  "10.1.2.3",
  "100.64.0.1",
  "127.0.0.1",
  "127.255.255.254",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.1.1",
  "198.18.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::7f00:1",
  "::ffff:127.0.0.1",
  "::ffff:a00:1",
  "::FFFF:10.0.0.1",
  "64:ff9b::10.0.0.1",
  "64:ff9b:1::1",
  "2001::1",
  "2001:db8::1",
  "2002:7f00:1::",
  "fc00::1",
  "fd12:3456::1",
  "fe80::1",
  "fe80::1%eth0",
  "fec0::1",
  "ff02::1",
  "localhost",
  "",
])("%j is not for functions", (address) => {
  expect(mayReach(address)).toBe(false);
});

test.each([
  "1.1.1.1",
  "100.63.255.255",
  "172.15.255.255",
  "172.32.0.1",
  "192.0.1.1",
  "223.255.255.255",
  "2606:4700::1111",
  "2a00:1450:4001::200e",
  "::ffff:1.1.1.1",
  "64:ff9b::1.1.1.1",
])("%j is public", (address) => {
  expect(mayReach(address)).toBe(true);
});

test("what is allowed can be reached, and nothing beside it", () => {
  const guard = createAddressGuard(["127.0.0.1", "10.0.0.0/8", "fd00::/8", "::1"]);
  const reached = [
    "127.0.0.1",
    "::ffff:127.0.0.1",
    "127.0.0.2",
    "10.9.9.9",
    "11.0.0.1",
    "fd01::1",
    "::1",
    "192.168.0.1",
  ];
  expect(reached.filter((address) => guard(address))).toEqual([
    "127.0.0.1",
    "::ffff:127.0.0.1",
    "10.9.9.9",
    "11.0.0.1",
    "fd01::1",
    "::1",
  ]);
});

test.each(["localhost", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "1.2.3", ""])(
  "%j is no range",
  (range) => {
    expect(() => createAddressGuard([range])).toThrow(`${JSON.stringify(range)} is no range`);
  },
);
