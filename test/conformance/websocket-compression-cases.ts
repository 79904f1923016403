import { seededRandom } from "../support/seeded-random.ts";

const KIB = 1024;

/** Message sizes, and the size of the fragments they are sent in, of sections 12 and 13 of the Autobahn test suite; 0 for one frame. */
const SIZES: readonly (readonly [messageBytes: number, fragmentBytes: number])[] = [
  [16, 0],
  [64, 0],
  [256, 0],
  [KIB, 0],
  [4 * KIB, 0],
  [8 * KIB, 0],
  [16 * KIB, 0],
  [32 * KIB, 0],
  [64 * KIB, 0],
  [128 * KIB, 0],
  [8 * KIB, 256],
  [16 * KIB, 256],
  [32 * KIB, 256],
  [64 * KIB, 256],
  [128 * KIB, 256],
  [128 * KIB, KIB],
  [128 * KIB, 4 * KIB],
  [128 * KIB, 32 * KIB],
];

/** What is sent in section 12, one after the other. Autobahn has files; these are as compressible, and made here. */
const CONTENTS: readonly Content[] = [
  { kind: "binary", name: "prose", make: (byteCount) => words(byteCount, " ") },
  { kind: "binary", name: "a picture", make: picture },
  { kind: "binary", name: "a document that is compressed already", make: noise },
  { kind: "text", name: "JSON", make: (byteCount) => words(byteCount, '","level":7},{"word":"') },
  { kind: "text", name: "HTML", make: (byteCount) => words(byteCount, '</a></li>\n<li class="word"><a href="/">') },
];

/**
 * What the client offers in section 13. Where Autobahn asks for a window of 8 bits these ask for 9: zlib has no smaller one, and a client that
 * insists on it goes without compression, which `deflate-agreement.test.ts` has.
 */
const OFFERS: readonly string[] = [
  "permessage-deflate",
  "permessage-deflate; server_no_context_takeover",
  "permessage-deflate; server_max_window_bits=9",
  "permessage-deflate; server_max_window_bits=15",
  "permessage-deflate; server_no_context_takeover; server_max_window_bits=9",
  "permessage-deflate; server_no_context_takeover; server_max_window_bits=15",
  "permessage-deflate; server_no_context_takeover; server_max_window_bits=8, permessage-deflate; server_no_context_takeover, permessage-deflate",
];

const DEFAULT_OFFER = OFFERS[0]!;
const JSON_CONTENT = CONTENTS[3]!;

interface Content {
  readonly kind: "text" | "binary";
  readonly name: string;
  /** ASCII where it is text, so that it can be cut anywhere. */
  readonly make: (byteCount: number) => Buffer;
}

/** Messages of one size, compressed under what one offer comes to. */
export interface WebSocketCompressionCase {
  /** That of the Autobahn test suite's case. */
  readonly id: string;
  readonly name: string;
  readonly offer: string;
  readonly kind: "text" | "binary";
  readonly content: (byteCount: number) => Buffer;
  readonly messageBytes: number;
  /** 0 for messages in one frame. */
  readonly fragmentBytes: number;
}

export const WEBSOCKET_COMPRESSION_CASES: readonly WebSocketCompressionCase[] = [
  ...CONTENTS.flatMap((content, index) => casesOf(`12.${index + 1}`, DEFAULT_OFFER, content)),
  ...OFFERS.flatMap((offer, index) => casesOf(`13.${index + 1}`, offer, JSON_CONTENT)),
];

function casesOf(section: string, offer: string, { kind, name, make }: Content): WebSocketCompressionCase[] {
  return SIZES.map(([messageBytes, fragmentBytes], index) => ({
    id: `${section}.${index + 1}`,
    name: `${name}, ${messageBytes} bytes${fragmentBytes === 0 ? "" : ` in fragments of ${fragmentBytes}`}, ${offer}`,
    offer,
    kind,
    content: make,
    messageBytes,
    fragmentBytes,
  }));
}

function words(byteCount: number, between: string): Buffer {
  const random = seededRandom(12);
  const vocabulary = Array.from({ length: 500 }, () => random.below(2 ** 31).toString(36));
  const parts: string[] = [];
  for (let length = 0; length < byteCount;) {
    const part = vocabulary[random.below(vocabulary.length)]! + between;
    parts.push(part);
    length += part.length;
  }
  return Buffer.from(parts.join("")).subarray(0, byteCount);
}

/** Shades that change little from one dot to the next. */
function picture(byteCount: number): Buffer {
  const random = seededRandom(13);
  let shade = 128;
  return Buffer.from(Array.from({ length: byteCount }, () => (shade = (shade + random.below(5) + 254) & 255)));
}

function noise(byteCount: number): Buffer {
  const random = seededRandom(14);
  return Buffer.from(Array.from({ length: byteCount }, () => random.below(256)));
}
