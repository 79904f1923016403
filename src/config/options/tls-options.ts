import { SECOND_MS } from "../types/bounds.ts";
import type { Option, Section } from "./option.ts";
import { integer } from "../types/option-type.ts";
import { duration } from "../types/quantity.ts";
import { DEADLINE_RANGE } from "./server-options.ts";

export const handshakeTimeout: Option<number> = {
  kind: "value",
  key: "server.tls.handshake_timeout",
  type: duration("s", DEADLINE_RANGE),
  default: 10 * SECOND_MS,
  summary:
    "How long a client may take for the TLS handshake, a PROXY protocol header before it included, in seconds; then the connection is closed.",
  guards: "Handshakes that stall: each holds a connection and some 30 KB.",
  replaces: "front",
};

export const maxHandshakes: Option<number> = {
  kind: "value",
  key: "server.tls.max_handshakes",
  type: integer({ min: 1, max: 1_000_000 }),
  default: 1_000,
  summary:
    "TLS handshakes and PROXY protocol headers under way at once on one listener. One more, and the oldest of them is closed.",
  guards: "Floods of stalled handshakes: they keep each other out, and nobody else.",
  replaces: "front",
};

/** The `server.tls` section: what holds for all listeners that speak it. */
export const tlsSection: Section = {
  key: "server.tls",
  summary: "What a TLS handshake may take. Certificates belong to a listener: see `server.listeners`.",
  options: [handshakeTimeout, maxHandshakes],
};
