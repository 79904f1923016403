import { isIP } from "node:net";

import { ConfigError } from "../../base/errors.ts";
import type { ListenAddressConfig } from "../../config/server-config.ts";
import { formatSocketAddress } from "../../kernel/socket-address.ts";

/** A socket is bound for one family or for both, for good: what shares its port has changed meanwhile. */
export class SharedPortError extends ConfigError {
  override readonly code = "VILYA_LISTEN_FAMILY_FIXED";
}

/** Whether one of `all` has the IPv4 half of a port of IPv6: `::` takes both where nobody does. */
export function leavesIpv4(address: ListenAddressConfig, all: readonly ListenAddressConfig[]): boolean {
  if (!("port" in address) || address.port === 0 || isIP(address.host) !== 6) return false;
  return all.some((other) => "port" in other && other.port === address.port && isIP(other.host) === 4);
}

/**
 * Refuses addresses among which an open socket would have to take another family than it does.
 *
 * @throws {SharedPortError}
 */
export function assertFamiliesStay(wanted: readonly ListenAddressConfig[], open: readonly ListenAddressConfig[]): void {
  for (const address of wanted) {
    if (!open.some((each) => Bun.deepEquals(each, address))) continue;
    const didLeave = leavesIpv4(address, open);
    if (didLeave === leavesIpv4(address, wanted)) continue;
    const state = didLeave ? "it was opened for IPv6 alone" : "it was opened for IPv4, too";
    throw new SharedPortError(`Cannot listen on ${formatSocketAddress(address)}: ${state}, a restart is needed`);
  }
}
