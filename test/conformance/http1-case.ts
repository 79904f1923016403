import type { HttpLimits } from "../../src/protocols/http1/limits.ts";

/** A field as it has to arrive: name and value with their case, white space around the value left out. */
export type ExpectedField = readonly [name: string, value: string];

/** What one request has to decode to. All text is latin-1: one UTF-16 unit is one byte. */
export interface ExpectedRequest {
  readonly method: string;
  readonly target: string;
  /** The authority: the target's where it has one, else Host's. */
  readonly host: string;
  readonly fields: readonly ExpectedField[];
  /** Without its framing; empty for none. */
  readonly body: string;
  /** The target up to its `?`, unless said otherwise. */
  readonly path?: string;
  /** The target from its `?` on, unless said otherwise. */
  readonly query?: string;
  /** Default: 1. */
  readonly versionMinor?: 0 | 1;
  /** Default: true. */
  readonly isKeepAlive?: boolean;
  /** Default: false. */
  readonly expectsContinue?: boolean;
  /** Default: none. */
  readonly trailers?: readonly ExpectedField[];
}

/** How a request is refused: the status of the answer, and whether the connection closes after it. */
export interface ExpectedRefusal {
  readonly status: number;
  readonly closes: boolean;
}

/** One request as a client sends it, and what has to become of it under `CONFORMANCE_LIMITS`. For the codec and for a whole server. */
export interface Http1Case {
  readonly name: string;
  /** latin-1; complete, so that a server answers without waiting for more. */
  readonly bytes: string;
  readonly expect: { readonly ok: ExpectedRequest } | ExpectedRefusal;
}

/** Several requests on one connection, of which only the last may be refused. */
export interface Http1Pipeline {
  readonly name: string;
  readonly bytes: string;
  readonly expect: readonly Http1Case["expect"][];
}

/** The limits the tables are written for: small, so that reaching them is readable. */
export const CONFORMANCE_LIMITS: HttpLimits = {
  requestLineBytesMax: 256,
  headerLineBytesMax: 192,
  headerCountMax: 16,
  headerBytesMax: 1024,
  trailerBytesMax: 128,
  chunkExtensionBytesMax: 32,
};

/** The largest body the tables are written for. */
export const CONFORMANCE_BODY_BYTES_MAX = 512;

/** Joins lines as a head: each ends with CR LF, and an empty one follows. */
export function head(...lines: readonly string[]): string {
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** A request that has to be answered with `status` and closed. */
export function refused(name: string, bytes: string, status = 400): Http1Case {
  return { name, bytes, expect: { status, closes: true } };
}

/** A request that has to be served. */
export function served(name: string, bytes: string, ok: ExpectedRequest): Http1Case {
  return { name, bytes, expect: { ok } };
}
