import { BlockList, isIP } from "node:net";
import { AnywireError } from "@anywire/types";

/**
 * What is not the public Internet.
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry
 */
const NOT_PUBLIC = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3",
  "::/8",
  "64:ff9b:1::/48",
  "100::/64",
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "3fff::/20",
  "5f00::/16",
  "fc00::/7",
  "fe80::/9",
  "ff00::/8",
];

/** Addresses that hold an IPv4 address in their last 32 bits, and lead to it. */
const EMBEDDING = [
  [0, 0, 0, 0, 0, 0xffff],
  [0x64, 0xff9b, 0, 0, 0, 0],
];

/** Whether functions may connect to an IP address. */
export type AddressGuard = (address: string) => boolean;

/**
 * Lets public addresses pass, and those in the ranges that are allowed, such as `127.0.0.1` or `10.0.0.0/8`.
 * @throws {AnywireError} `bad_request` for a range that is none.
 */
export function createAddressGuard(allowedRanges: readonly string[]): AddressGuard {
  const refused = new AddressRanges(NOT_PUBLIC);
  const allowed = new AddressRanges(allowedRanges);
  return (address) => {
    const [bare = ""] = address.split("%");
    const inner = embeddedIn(bare) ?? bare;
    return isIP(inner) !== 0 && (allowed.has(inner) || !refused.has(inner));
  };
}

/** Ranges of each family by themselves: a list of Node.js takes an IPv4 address for the IPv6 one that it can be written as. */
class AddressRanges {
  readonly #lists = { ipv4: new BlockList(), ipv6: new BlockList() };

  constructor(ranges: readonly string[]) {
    for (const range of ranges) this.#add(range);
  }

  has(address: string): boolean {
    const family = familyOf(address);
    return this.#lists[family].check(address, family);
  }

  #add(range: string): void {
    const [address = "", bits] = range.split("/");
    const family = familyOf(address);
    const whole = family === "ipv6" ? 128 : 32;
    try {
      const length = bits === undefined ? whole : Number.parseInt(bits, 10);
      this.#lists[family].addSubnet(address, length, family);
    } catch (cause) {
      const message = `${JSON.stringify(range)} is no range of addresses; write one such as 127.0.0.1 or 10.0.0.0/8`;
      throw new AnywireError("bad_request", message, { cause });
    }
  }
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

/** The IPv4 address that an IPv6 address leads to. */
function embeddedIn(address: string): string | undefined {
  if (isIP(address) !== 6) return undefined;
  const groups = groupsOf(address);
  if (!EMBEDDING.some((prefix) => prefix.every((group, i) => groups[i] === group)))
    return undefined;
  const [high = 0, low = 0] = groups.slice(6);
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): readonly number[] {
  // In the form of URLs: without an IPv4 address at its end.
  const plain = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = [], tail = []] = plain
    .split("::")
    .map((half) => (half === "" ? [] : half.split(":").map((group) => Number.parseInt(group, 16))));
  return [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}
