import type { RequestHead } from "../protocols/http/request-head.ts";

/** What is taken for an id: nothing that a log line, a header or a file name could trip over. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._:@+=-]{0,127}$/;

/** Tells processes apart: 80 random bits, once. */
const PREFIX = Buffer.from(crypto.getRandomValues(new Uint8Array(10))).toString("hex");

const COUNT_DIGITS = 12;

let lastNumber = 0;

/**
 * The id of a request: the client's `X-Request-Id` where it is 1 to 128 letters, digits and `._:@+=-`, else 32 hexadecimal digits that no other
 * request has: a random prefix of this process, and a count.
 */
export function createRequestId({ fields }: RequestHead): string {
  const given = fields.get("x-request-id");
  if (given !== null && ID.test(given)) return given;
  return PREFIX + (++lastNumber).toString(16).padStart(COUNT_DIGITS, "0");
}
