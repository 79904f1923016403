import { describe, expect, test } from "bun:test";
import type { WebSocketCase } from "../conformance/websocket-case.ts";
import { WEBSOCKET_CLOSE_CASES } from "../conformance/websocket-close-cases.ts";
import { WEBSOCKET_DEFLATE_CASES } from "../conformance/websocket-deflate-cases.ts";
import { WEBSOCKET_FRAMING_CASES } from "../conformance/websocket-framing-cases.ts";
import { readWebSocket } from "../conformance/websocket-reader.ts";
import { WEBSOCKET_UTF8_CASES } from "../conformance/websocket-utf8-cases.ts";
import { type SeededRandom, seededRandom } from "../support/seeded-random.ts";

/** Any seed must do; a failing one is named in the message. */
const SEEDS = [1, 2, 3, 4];
const ROUNDS = 3_000;
const CASE_BYTES_MAX = 2_000;
const MESSAGE_BYTES_MAX = 4_096;
const MEMORY_BYTES_MAX = 8_192;

const CLOSE_CODES = new Set(["1002", "1007", "1009", "1013"]);

const corpus: readonly Buffer[] = [
  ...WEBSOCKET_FRAMING_CASES,
  ...WEBSOCKET_UTF8_CASES,
  ...WEBSOCKET_CLOSE_CASES,
  ...WEBSOCKET_DEFLATE_CASES,
]
  .map(({ frames }: WebSocketCase) => Buffer.concat(frames))
  .filter(({ length }) => length <= CASE_BYTES_MAX);

/** Pieces of a few connections one after the other, with octets and bits changed, left out and put in. */
function mutate(random: SeededRandom): Buffer {
  const pieces: Buffer[] = [];
  for (let left = 1 + random.below(4); left > 0; left--) {
    const source = corpus[random.below(corpus.length)]!;
    const isWhole = random.below(3) > 0;
    pieces.push(isWhole ? source : source.subarray(random.below(source.length)));
  }
  const bytes = Buffer.concat(pieces);
  for (let left = random.below(4); left > 0; left--) {
    const at = random.below(bytes.length);
    bytes[at] = random.below(2) === 0 ? bytes[at]! ^ (1 << random.below(8)) : random.below(256);
  }
  return bytes;
}

describe("WebSocket decoder under mutation", () => {
  test.each(SEEDS)("seed %d: keeps its limits, and reads the same however the bytes are cut", (seed) => {
    const random = seededRandom(seed);
    for (let round = 0; round < ROUNDS; round++) {
      const bytes = mutate(random);
      const options = {
        messageBytesMax: MESSAGE_BYTES_MAX,
        memoryBytesMax: MEMORY_BYTES_MAX,
        deflateWindowBytes: [null, 0, 512][random.below(3)]!,
      };
      const name = `seed ${seed}, round ${round}: ${bytes.toString("hex")}`;
      const whole = readWebSocket(bytes, [], options);
      const cuts = Array.from({ length: random.below(6) }, () => random.below(bytes.length)).toSorted((a, b) => a - b);
      expect([name, readWebSocket(bytes, cuts, options).events]).toEqual([name, whole.events]);
      const { events, waitingBytes, heldBytes } = whole;
      // An unfinished header or control frame is all that ever waits, and a connection that has ended holds nothing.
      expect([name, waitingBytes < 14 + 125, heldBytes <= MEMORY_BYTES_MAX]).toEqual([name, true, true]);
      const [kind, code] = events.at(-1)?.split(" ") ?? [];
      if (kind === "fail") expect([name, CLOSE_CODES.has(code!)]).toEqual([name, true]);
      if (kind === "fail" || kind === "close") expect([name, waitingBytes, heldBytes]).toEqual([name, 0, 0]);
    }
  });
});
