import { HTTP1_ACCEPTED_HEADS } from "./http1-accepted-heads.ts";
import { HTTP1_BODIES } from "./http1-bodies.ts";
import type { Http1Case } from "./http1-case.ts";
import { HTTP1_LIMITS } from "./http1-limits.ts";
import { HTTP1_REFUSED_HEADS } from "./http1-refused-heads.ts";
import { HTTP1_SMUGGLING } from "./http1-smuggling.ts";

/** Every single request of the conformance tables, for whoever speaks HTTP/1.1: the codec, and a server under `CONFORMANCE_LIMITS`. */
export const HTTP1_REQUESTS: readonly Http1Case[] = [
  ...HTTP1_ACCEPTED_HEADS,
  ...HTTP1_BODIES,
  ...HTTP1_LIMITS,
  ...HTTP1_REFUSED_HEADS,
  ...HTTP1_SMUGGLING,
];
