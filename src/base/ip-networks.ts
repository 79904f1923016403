import { isIP } from "node:net";

const IPV4_BITS = 32;
const IPV6_BITS = 128;
/** RFC 4291 §2.5.5.2: how IPv4 peers look on an IPv6 socket. */
const MAPPED_PREFIX = 0xffffn << 32n;

interface Network {
  readonly bits: bigint;
  readonly mask: bigint;
}

/**
 * A set of IP networks. IPv4 addresses and their IPv4-mapped IPv6 form are the same address. Looking one up costs one comparison a network:
 * meant for the few that a configuration names.
 */
export class IpNetworks {
  readonly #networks: readonly Network[];

  /** @throws {RangeError} for a text that {@link isNetwork} refuses. */
  constructor(texts: readonly string[]) {
    this.#networks = texts.map((text) => {
      const network = parseNetwork(text);
      if (network === null) throw new RangeError(`Cannot use ${text} as a network: it is none`);
      return network;
    });
  }

  /** `10.0.0.0/8`, `2001:db8::/32`, or a single address. Bits behind the prefix have to be 0: they are a mistake otherwise. */
  static isNetwork(text: string): boolean {
    return parseNetwork(text) !== null;
  }

  get isEmpty(): boolean {
    return this.#networks.length === 0;
  }

  /** Takes an address without port and brackets; anything else is in no network. */
  has(address: string): boolean {
    const bits = parseAddress(address);
    return bits !== null && this.#networks.some((network) => (bits & network.mask) === network.bits);
  }
}

function parseNetwork(text: string): Network | null {
  const slash = text.indexOf("/");
  const address = slash === -1 ? text : text.slice(0, slash);
  const bits = parseAddress(address);
  if (bits === null) return null;
  const bitCount = isIP(address) === 4 ? IPV4_BITS : IPV6_BITS;
  const digits = slash === -1 ? String(bitCount) : text.slice(slash + 1);
  const prefix = Number(digits);
  if (!/^\d{1,3}$/.test(digits) || prefix > bitCount) return null;
  const hostBits = BigInt(bitCount - prefix);
  const mask = ((1n << BigInt(IPV6_BITS)) - 1n) & ~((1n << hostBits) - 1n);
  return (bits & mask) === bits ? { bits, mask } : null;
}

/** An address as 128 bits, IPv4 as the IPv6 address that stands for it; null for what is no address, or one with a zone. */
export function parseAddress(text: string): bigint | null {
  const version = isIP(text);
  if (version === 4) return MAPPED_PREFIX | parseIpv4(text);
  return version === 6 && !text.includes("%") ? parseIpv6(text) : null;
}

function parseIpv4(text: string): bigint {
  return BigInt(text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0));
}

function parseIpv6(text: string): bigint {
  const dotted = text.lastIndexOf(":") + 1;
  if (text.includes(".")) {
    const low = parseIpv4(text.slice(dotted));
    return parseIpv6(`${text.slice(0, dotted)}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`);
  }
  const [head = "", tail] = text.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array<string>(8 - left.length - right.length).fill("0");
  return [...left, ...zeros, ...right].reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}
