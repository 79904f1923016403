import { isIP } from "node:net";

import { ProxyHeaderError } from "./proxy-header-error.ts";
import type { ProxyHeader } from "./proxy-header.ts";

const START = Buffer.from("PROXY ", "latin1");

/** §2.1: the longest line, with its CRLF, is 107 octets. */
const LINE_BYTES_MAX = 107;
const LINE_FEED = 10;

const TCP = /^PROXY TCP([46]) (\S+) (\S+) (0|[1-9]\d{0,4}) (0|[1-9]\d{0,4})$/;
const PORT_MAX = 65_535;

const ALLOWED = "`PROXY TCP4|TCP6|UNKNOWN …` in one line";

/** True when `bytes`, of which more may follow, can be the beginning of a version 1 header. */
export function isProxyV1Start(bytes: Buffer): boolean {
  const count = Math.min(bytes.length, START.length);
  return count > 0 && START.compare(bytes, 0, count, 0, count) === 0;
}

/** @throws {ProxyHeaderError} */
export function decodeProxyV1(bytes: Buffer): ProxyHeader | null {
  const end = bytes.subarray(0, LINE_BYTES_MAX).indexOf(LINE_FEED);
  if (end === -1) {
    if (bytes.length >= LINE_BYTES_MAX) throw new ProxyHeaderError("its line is longer than 107 bytes", ALLOWED);
    return null;
  }
  const byteLength = end + 1;
  const line = bytes.toString("latin1", 0, end);
  if (!line.endsWith("\r")) throw new ProxyHeaderError("its line does not end in CRLF", ALLOWED);
  const text = line.slice(0, -1);
  // §2.1: whatever follows UNKNOWN is to be ignored, and the connection's own addresses used.
  if (text === "PROXY UNKNOWN" || text.startsWith("PROXY UNKNOWN ")) return { byteLength, source: null };
  const match = TCP.exec(text);
  if (match === null) throw new ProxyHeaderError("its line is malformed", ALLOWED);
  const [, family, source = "", destination = "", sourcePort, destinationPort] = match;
  const isSound =
    isIP(source) === Number(family) &&
    isIP(destination) === Number(family) &&
    Number(sourcePort) <= PORT_MAX &&
    Number(destinationPort) <= PORT_MAX;
  if (!isSound) throw new ProxyHeaderError("an address or port in it is none", ALLOWED);
  return { byteLength, source: { address: source, port: Number(sourcePort) } };
}
