import { expect, test } from "bun:test";

import { Segments } from "../../src/kernel/segments.ts";
import { HpackDecoder } from "../../src/protocols/hpack/hpack-decoder.ts";
import { HpackError } from "../../src/protocols/hpack/hpack-error.ts";
import { HttpError } from "../../src/protocols/http/http-error.ts";
import { FrameDecoder } from "../../src/protocols/http2/frame-decoder.ts";
import { Http2ConnectionError, Http2StreamError } from "../../src/protocols/http2/http2-error.ts";
import { RequestSection } from "../../src/protocols/http2/request-section.ts";
import { ACCEPTED_REQUESTS } from "../conformance/http2-requests.ts";
import { block, huffman, TextSink } from "../support/hpack-text.ts";
import { content, headers, hello, ping, priority, request, settings, splitHeaders } from "../support/http2-frames.ts";
import { RecordingFrameSink } from "../support/recording-frame-sink.ts";
import { seededRandom, type SeededRandom } from "../support/seeded-random.ts";

const ROUNDS = 4_000;
const LIMITS = {
  requestLineBytesMax: 200,
  headerLineBytesMax: 200,
  headerCountMax: 20,
  headerBytesMax: 1_000,
  trailerBytesMax: 200,
};

/** Changes, inserts, removes and repeats some octets. */
function mutate(bytes: Buffer, random: SeededRandom): Buffer {
  let mutated = Buffer.from(bytes);
  for (let count = 1 + random.below(4); count > 0; count--) {
    const at = random.below(mutated.length + 1);
    const before = mutated.subarray(0, at);
    switch (random.below(4)) {
      case 0:
        if (at < mutated.length) mutated[at] = random.below(256);
        break;
      case 1:
        mutated = Buffer.concat([before, Buffer.from([random.below(256)]), mutated.subarray(at)]);
        break;
      case 2:
        mutated = Buffer.concat([before, mutated.subarray(at + 1 + random.below(8))]);
        break;
      default:
        mutated = Buffer.concat([
          before,
          mutated.subarray(Math.max(0, at - random.below(30)), at),
          mutated.subarray(at),
        ]);
    }
  }
  return mutated;
}

/** What decoding `bytes` in parts comes to, in one text. */
function frameOutcome(bytes: Buffer, cuts: readonly number[]): string {
  const decoder = new FrameDecoder(1_000);
  const segments = new Segments();
  const sink = new RecordingFrameSink();
  let start = 0;
  for (const end of [...cuts, bytes.length]) {
    if (end > start) segments.append(Buffer.from(bytes.subarray(start, end)));
    start = Math.max(start, end);
    for (;;) {
      try {
        decoder.decode(segments, sink);
        break;
      } catch (error) {
        if (error instanceof Http2ConnectionError) return `${sink.calls.join("\n")}\n${error.message}`;
        if (!(error instanceof Http2StreamError)) throw error;
        sink.calls.push(error.message);
      }
    }
  }
  return sink.calls.join("\n");
}

test("frames with faults end in the same outcome however they are split, and in no other error", () => {
  const random = seededRandom(9113);
  const whole = Buffer.concat([
    hello([4, 100_000]),
    headers(1, request("/p?q", "POST"), false),
    content(1, "content"),
    content(1, "end", true),
    splitHeaders(3, block(request()), [3, 20]),
    priority(5),
    ping(),
    settings([1, 0]),
    Buffer.from([0, 0, 2, 0, 8, 0, 0, 0, 7, 1, 0]),
  ]);
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = mutate(whole, random);
    const offsets = Array.from({ length: random.below(6) }, () => random.below(bytes.length + 1));
    const cuts = offsets.toSorted((a, b) => a - b);
    expect(frameOutcome(bytes, cuts)).toBe(frameOutcome(bytes, []));
  }
});

test("header blocks with faults end in a request, a refusal, or the end of the connection", () => {
  const random = seededRandom(7541);
  const section = new RequestSection(LIMITS, false);
  const outcomes = { accepted: 0, refused: 0, lost: 0 };
  const blocks = ACCEPTED_REQUESTS.map(({ fields }) => block(fields));
  const coded = huffman("www.example.com");
  blocks.push(Buffer.concat([Buffer.from([0x82, 0x86, 0x84, 0x41, 0x80 | coded.length]), coded, Buffer.from([0xbe])]));
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = mutate(blocks[random.below(blocks.length)]!, random);
    const decoder = new HpackDecoder(256);
    try {
      section.start(1);
      decoder.decode(bytes, 0, bytes.length, section);
      section.finish(random.below(2) === 0);
      const { head, text } = section;
      for (let index = 0; index < head.fields.count; index++) {
        expect(head.fields.valueEnd(index)).toBeLessThanOrEqual(text.end);
        expect(head.fields.name(index)).toMatch(/^[!#$%&'*+\-.^_`|~0-9a-z]+$/);
        // oxlint-disable-next-line no-control-regex -- control characters are what it must not contain
        expect(head.fields.value(index)).not.toMatch(/[\0-\x08\n-\x1f\x7f]|^\s|\s$/);
      }
      expect(head.target).toMatch(/^(?:\/|\*$)/);
      outcomes.accepted++;
    } catch (error) {
      if (error instanceof HpackError) outcomes.lost++;
      else if (error instanceof Http2StreamError || error instanceof HttpError) outcomes.refused++;
      else throw error;
    }
  }
  for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(ROUNDS / 200);
});

test("octets at random leave the HPACK table within its bound", () => {
  const random = seededRandom(256);
  for (let round = 0; round < ROUNDS; round++) {
    const decoder = new HpackDecoder(256);
    const bytes = Buffer.from(Array.from({ length: random.below(80) }, () => random.below(256)));
    try {
      decoder.decode(bytes, 0, bytes.length, new TextSink());
    } catch (error) {
      if (!(error instanceof HpackError)) throw error;
    }
    expect(decoder.tableBytes).toBeLessThanOrEqual(256);
  }
});
