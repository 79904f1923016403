import { KIB, MIB, SECOND_MS } from "../types/bounds.ts";
import type { Option, Section } from "./option.ts";
import { integer } from "../types/option-type.ts";
import { byteSize, duration } from "../types/quantity.ts";
import { DEADLINE_RANGE } from "./server-options.ts";

export const requestLine: Option<number> = {
  kind: "value",
  key: "server.limits.request_line",
  type: byteSize({ min: 64, max: MIB }),
  default: 8 * KIB,
  summary: "Longest request line (method, target, version), in bytes. A longer one is answered 414.",
  guards: "Buffers filled by an endless target.",
  replaces: "front",
};

export const headerLine: Option<number> = {
  kind: "value",
  key: "server.limits.header_line",
  type: byteSize({ min: 64, max: MIB }),
  default: 8 * KIB,
  summary: "Longest single header line, in bytes. A longer one is answered 431. Raise it for large cookies or tokens.",
  guards: "Buffers filled by an endless header.",
  replaces: "front",
};

export const headerCount: Option<number> = {
  kind: "value",
  key: "server.limits.header_count",
  type: integer({ min: 1, max: 10_000 }),
  default: 100,
  summary: "Most header lines of one request. More are answered 431.",
  guards: "Hash-flooding and slow parsing of thousands of small headers, here and in the app.",
  replaces: "front",
};

export const headerBytes: Option<number> = {
  kind: "value",
  key: "server.limits.header_bytes",
  type: byteSize({ min: 256, max: 16 * MIB }),
  default: 32 * KIB,
  summary: "All header lines of one request together, in bytes. More are answered 431.",
  guards: "What one connection can make the front hold before a request is complete.",
  replaces: "front",
};

export const trailerBytes: Option<number> = {
  kind: "value",
  key: "server.limits.trailer_bytes",
  type: byteSize({ min: 64, max: MIB, zeroMeans: "no trailers" }),
  default: 8 * KIB,
  summary: "All trailer lines after a chunked body together, in bytes. More are answered 431.",
  guards: "Buffers filled after the body was already accepted.",
  replaces: "front",
};

export const chunkExtensionBytes: Option<number> = {
  kind: "value",
  key: "server.limits.chunk_extension_bytes",
  type: byteSize({ min: 16, max: MIB, zeroMeans: "no extensions" }),
  default: 16 * KIB,
  summary: "All chunk extensions of one body together, in bytes. More are answered 400.",
  guards: "Chunks of one byte with kilobytes of extension (CVE-2023-39326): work that `max_body_size` does not see.",
  replaces: "front",
};

/** The `server.limits` section. */
export const serverLimitSection: Section = {
  key: "server.limits",
  summary: "How large the parts of a request may be. What goes past a limit is refused and the connection closed.",
  options: [requestLine, headerLine, headerCount, headerBytes, trailerBytes, chunkExtensionBytes],
};

export const headDeadline: Option<number> = {
  kind: "value",
  key: "server.deadlines.head",
  type: duration("s", DEADLINE_RANGE),
  default: 10 * SECOND_MS,
  summary:
    "How long a client may take from the first byte of a request to the end of its head, in seconds; then it gets 408 and the connection is closed. Dribbled bytes do not extend it.",
  guards: "Slow-loris attacks.",
  replaces: "front",
};

export const idleDeadline: Option<number> = {
  kind: "value",
  key: "server.deadlines.idle",
  type: duration("s", DEADLINE_RANGE),
  default: 75 * SECOND_MS,
  summary:
    "How long a connection may stay open without a request, in seconds, also before its first; then it is closed silently. Keep it above the idle timeout of a load balancer in front, which otherwise may send into a closing connection.",
  guards: "Connections opened and never used.",
  replaces: "front",
};

/** The `server.deadlines` section. */
export const serverDeadlineSection: Section = {
  key: "server.deadlines",
  summary: "How long a client may take, beside `server.read_timeout` (body) and `server.write_timeout` (response).",
  options: [headDeadline, idleDeadline],
};
