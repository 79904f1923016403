import type { Extension } from "./extension-list.ts";

const PERMESSAGE_DEFLATE = "permessage-deflate";
const WINDOW_BITS_MAX = 15;
/** zlib does not deflate with a window of 256 bytes. It inflates such streams. */
const SERVER_WINDOW_BITS_MIN = 9;

/** What a server is willing to spend on compression. */
export interface DeflatePolicy {
  /** Whether a connection may keep the window of either direction from one message to the next. */
  readonly takesOverContext: boolean;
  /** The largest window of either direction, as far as the client lets us choose its own; 9 to 15. */
  readonly windowBits: number;
}

/** How messages of a connection are compressed. RFC 7692 §7.1. */
export interface DeflateAgreement {
  readonly serverTakesOverContext: boolean;
  readonly clientTakesOverContext: boolean;
  /** 9 to 15. */
  readonly serverWindowBits: number;
  /** 8 to 15. */
  readonly clientWindowBits: number;
  /** The element of Sec-WebSocket-Extensions that tells the client. */
  readonly text: string;
}

/**
 * Chooses the first `permessage-deflate` offer that can be met, in the client's order of preference; `null` when there is none, and then
 * messages are not compressed. An offer with a parameter that is unknown, repeated or out of range is passed over. RFC 7692 §7.1.
 */
export function agreeOnDeflate(offers: readonly Extension[], policy: DeflatePolicy): DeflateAgreement | null {
  for (const { name, parameters } of offers) {
    if (name !== PERMESSAGE_DEFLATE) continue;
    const agreement = agree(new Map(parameters), parameters.length, policy);
    if (agreement !== null) return agreement;
  }
  return null;
}

type Parameters = ReadonlyMap<string, string | null>;

function agree(offer: Parameters, parameterCount: number, policy: DeflatePolicy): DeflateAgreement | null {
  if (offer.size !== parameterCount) return null;
  for (const [name, value] of offer) if (!isParameter(name, value)) return null;

  const serverTakesOverContext = policy.takesOverContext && !offer.has("server_no_context_takeover");
  const clientTakesOverContext = policy.takesOverContext && !offer.has("client_no_context_takeover");
  const serverWindowBits = Math.min(policy.windowBits, windowBitsOf(offer, "server_max_window_bits"));
  if (serverWindowBits < SERVER_WINDOW_BITS_MIN) return null;
  // Only a client that has mentioned it can be asked for a smaller window: RFC 7692 §7.1.2.2.
  const isClientWindowOurs = offer.has("client_max_window_bits");
  const clientWindowBits = isClientWindowOurs
    ? Math.min(policy.windowBits, windowBitsOf(offer, "client_max_window_bits"))
    : WINDOW_BITS_MAX;

  let text = PERMESSAGE_DEFLATE;
  if (!serverTakesOverContext) text += "; server_no_context_takeover";
  if (!clientTakesOverContext) text += "; client_no_context_takeover";
  if (offer.has("server_max_window_bits") || serverWindowBits < WINDOW_BITS_MAX) {
    text += `; server_max_window_bits=${serverWindowBits}`;
  }
  if (isClientWindowOurs && clientWindowBits < WINDOW_BITS_MAX) text += `; client_max_window_bits=${clientWindowBits}`;
  return { serverTakesOverContext, clientTakesOverContext, serverWindowBits, clientWindowBits, text };
}

function isParameter(name: string, value: string | null): boolean {
  switch (name) {
    case "server_no_context_takeover":
    case "client_no_context_takeover":
      return value === null;
    case "server_max_window_bits":
      return value !== null && isWindowBits(value);
    case "client_max_window_bits":
      return value === null || isWindowBits(value);
    default:
      return false;
  }
}

/** 8 to 15 in decimal, without leading zeros. */
function isWindowBits(value: string): boolean {
  return /^(?:[89]|1[0-5])$/.test(value);
}

/** What a parameter bounds a window to; a parameter that is absent or has no value bounds nothing. */
function windowBitsOf(offer: Parameters, name: string): number {
  return Number(offer.get(name) ?? WINDOW_BITS_MAX);
}
