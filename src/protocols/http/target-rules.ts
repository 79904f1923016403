import { octetTable } from "./octets.ts";

/**
 * 1 for every octet of a target from its query on: no space, no control, no fragment. Beyond RFC 3986, octets that only lax clients send
 * unencoded (quotes, braces, 0x80 and above) pass, as they do in most servers; they reach the application as received.
 */
export const TARGET: Uint8Array = octetTable(/[!"$-~\x80-\xff]/);

/** 1 for every octet of a target up to its query. */
export const TARGET_PATH: Uint8Array = octetTable(/[!"$->@-~\x80-\xff]/);
