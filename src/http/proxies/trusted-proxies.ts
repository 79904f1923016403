import { isIP } from "node:net";

import { IpNetworks } from "../../base/ip-networks.ts";

/** Peers on Unix sockets have no address; this word stands for all of them. */
const UNIX = "unix";

/** Whose word is taken for whom a request is from. */
export class TrustedProxies {
  readonly #networks: IpNetworks;
  readonly #hasUnix: boolean;

  /** @param entries networks, addresses, `unix`; checked by whoever read them. */
  constructor(entries: readonly string[]) {
    this.#networks = new IpNetworks(entries.filter((entry) => entry !== UNIX));
    this.#hasUnix = entries.includes(UNIX);
  }

  get isEmpty(): boolean {
    return this.#networks.isEmpty && !this.#hasUnix;
  }

  /** @param address an IP address without port and brackets. */
  has(address: string): boolean {
    return this.#networks.has(address);
  }

  /** @param remoteAddress `address:port`, IPv6 in brackets, or `unix:`, as connections tell it. */
  hasPeer(remoteAddress: string): boolean {
    if (remoteAddress === `${UNIX}:`) return this.#hasUnix;
    const host = remoteAddress.slice(0, remoteAddress.lastIndexOf(":")).replace(/^\[(.*)\]$/, "$1");
    return isIP(host) !== 0 && this.has(host);
  }
}
