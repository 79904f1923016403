import { isIP } from "node:net";

/** An address to listen on, as the configuration has it. */
export interface ListenPlace {
  readonly host: string;
  readonly port: number;
}

const EVERY_IPV4 = "0.0.0.0";
const EVERY_IPV6 = "::";

/**
 * Whether the second of two listeners could not be bound because of the first. `::` beside an IPv4 address takes IPv6 only, so the two get
 * along. What a name stands for is found out at the start.
 */
export function doOverlap(one: ListenPlace, other: ListenPlace): boolean {
  if (one.port !== other.port || one.port === 0) return false;
  if (one.host === other.host) return true;
  const family = isIP(one.host);
  const everyAddress = family === 6 ? EVERY_IPV6 : EVERY_IPV4;
  return family !== 0 && family === isIP(other.host) && [one.host, other.host].includes(everyAddress);
}
