import type { RequestHead } from "../protocols/http/request-head.ts";

/** What is taken for an id: nothing that a log line, a header or a file name could trip over. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._:@+=-]{0,127}$/;

/** Tells processes apart: 80 random bits, once. */
const PREFIX = Buffer.from(crypto.getRandomValues(new Uint8Array(10))).toString("hex");

/** What follows the prefix: a count. */
const COUNT_DIGITS = 12;

/** Its last digits come from a table, the others are made once for all of them: a new id is a string of two. */
const LAST_DIGITS = 3;

const ENDS: readonly string[] = Array.from({ length: 16 ** LAST_DIGITS }, (_, number) => hex(number, LAST_DIGITS));

let count = 0;
let start = "";

/**
 * The id of a request: the client's `X-Request-Id` where it is 1 to 128 letters, digits and `._:@+=-`, else 32 hexadecimal digits that no other
 * request has: a random prefix of this process, and a count.
 */
export function createRequestId({ fields }: RequestHead): string {
  const given = fields.get("x-request-id");
  if (given !== null && ID.test(given)) return given;
  const end = ++count % ENDS.length;
  if (end === 0 || count === 1) start = PREFIX + hex(Math.floor(count / ENDS.length), COUNT_DIGITS - LAST_DIGITS);
  return start + ENDS[end]!;
}

function hex(number: number, digitCount: number): string {
  return number.toString(16).padStart(digitCount, "0");
}
