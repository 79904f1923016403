import { describe, expect, test } from "bun:test";
import {
  CONFORMANCE_BODY_BYTES_MAX as BODY_BYTES_MAX,
  CONFORMANCE_LIMITS as LIMITS,
  type ExpectedField,
  head,
} from "../conformance/http1-case.ts";
import { type Reading, type ReadRequest, readSplit } from "../conformance/http1-reader.ts";
import { HTTP1_REQUESTS } from "../conformance/http1-requests.ts";
import { type SeededRandom, seededRandom } from "../support/seeded-random.ts";

/** Any seed must do; a failing one is named in the message. */
const SEEDS = [1, 2, 3, 4];
const ROUNDS = 5000;

/** What is changed, and what is put into it: a bad request is not much worse for another change. */
const served = HTTP1_REQUESTS.filter(({ expect }) => "ok" in expect).map(({ bytes }) => bytes);
const everything = HTTP1_REQUESTS.map(({ bytes }) => bytes);

/** What HTTP/1.1 syntax turns on, and what looks like it. */
const NASTY = [
  ..."\r\n\0\t :;,=@#?/*\x0b\x7f\x85\xa0\xff".split(""),
  "\r\n",
  "\n\r",
  "\r\n\r\n",
  "\r\n ",
  " HTTP/1.0",
  "Host: b\r\n",
  "Content-Length: 3\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Connection: close\r\n",
  "0\r\n\r\n",
  "ffffffff",
];

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^(?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?$/;
const TARGET = /^[!"$-~\x80-\xff]+$/;
const AUTHORITY = /^(?:[\w\-.~!$&'()*+,;=%]+|\[[\dA-Fa-f:.]+\])(?::\d*)?$/;

/** Changes one or two valid requests in a few places, by what is nasty, by what is random, or by a piece of another. */
function mutate(random: SeededRandom): string {
  const pick = (corpus: readonly string[]) => corpus[random.below(corpus.length)]!;
  let text = random.below(3) === 0 ? pick(served) + pick(served) : pick(served);
  for (let left = 1 + random.below(4); left > 0; left--) {
    const at = random.below(text.length + 1);
    text = text.slice(0, at) + insertion(random, pick(everything)) + text.slice(at + random.below(4));
  }
  return text;
}

function insertion(random: SeededRandom, other: string): string {
  switch (random.below(4)) {
    case 0:
      return "";
    case 1:
      return String.fromCharCode(random.below(256));
    case 2: {
      const from = random.below(other.length);
      return other.slice(from, from + random.below(40));
    }
    default:
      return NASTY[random.below(NASTY.length)]!;
  }
}

function read(text: string, cuts: readonly number[]): Reading {
  return readSplit(text, cuts, LIMITS, BODY_BYTES_MAX);
}

/** Offsets to cut `length` bytes at: seldom, often, or everywhere. */
function randomCuts(random: SeededRandom, length: number): readonly number[] {
  const stride = [1, 4, 60][random.below(3)]!;
  const cuts: number[] = [];
  for (let at = 1 + random.below(stride); at < length; at += 1 + random.below(stride)) cuts.push(at);
  return cuts;
}

/** States in regular expressions what the decoder's tables and loops have to come to. */
function expectWellFormed(request: ReadRequest): void {
  const { method, target, host, fields, trailers, versionMinor } = request;
  expect(method).toMatch(TOKEN);
  expect(target).toMatch(TARGET);
  expect(target).toMatch(method === "OPTIONS" ? /^(?:\/|https?:\/\/|\*$)/i : /^(?:\/|https?:\/\/)/i);
  if (host !== "") expect(host).toMatch(AUTHORITY);
  for (const [name, value] of [...fields, ...trailers]) {
    expect(name).toMatch(TOKEN);
    expect(value).toMatch(VALUE);
  }
  const countOf = (lowerCaseName: string) => fields.filter(([name]) => name.toLowerCase() === lowerCaseName).length;
  expect(countOf("host")).toBeWithin(versionMinor, 2);
  expect(countOf("content-length") + countOf("transfer-encoding")).toBeLessThan(2);
  expect(fields.length).toBeLessThanOrEqual(LIMITS.headerCountMax);
  expect(request.body.length).toBeLessThanOrEqual(BODY_BYTES_MAX);
}

/** A request that is valid by construction, and its bytes. */
function randomRequest(random: SeededRandom): {
  readonly bytes: string;
  readonly fields: readonly ExpectedField[];
  readonly body: string;
} {
  const text = (alphabet: string, lengthMin: number, lengthMax: number) => {
    let result = "";
    const length = lengthMin + random.below(lengthMax - lengthMin + 1);
    while (result.length < length) result += alphabet[random.below(alphabet.length)]!;
    return result;
  };
  const fields: ExpectedField[] = [["Host", text("abc.-", 1, 20)]];
  for (let left = random.below(8); left > 0; left--) {
    fields.push([`X-${text("aZ09_~!", 1, 12)}`, text('az \t,;="\xe9', 0, 40).replace(/^[ \t]+|[ \t]+$/g, "")]);
  }
  const body = text("\r\n0;ab\0\xff", 0, 60);
  const isChunked = random.below(2) === 0;
  fields.splice(
    random.below(fields.length + 1),
    0,
    isChunked ? ["Transfer-Encoding", "chunked"] : ["Content-Length", `${body.length}`],
  );
  const lines = fields.map(([name, value]) => `${name}:${text(" \t", 0, 2)}${value}${text(" \t", 0, 2)}`);
  return { bytes: head("POST /p?q HTTP/1.1", ...lines) + (isChunked ? chunk(random, body) : body), fields, body };
}

function chunk(random: SeededRandom, body: string): string {
  let framed = "";
  for (let at = 0; at < body.length;) {
    const size = Math.min(body.length - at, 1 + random.below(20));
    framed += `${size.toString(16).padStart(1 + random.below(4), "0")}\r\n${body.slice(at, at + size)}\r\n`;
    at += size;
  }
  return `${framed}0\r\n\r\n`;
}

describe("HTTP/1.1 codec under fuzzing", () => {
  test.each(SEEDS)("lets only its own errors out and reads the same however bytes are split (seed %d)", (seed) => {
    const random = seededRandom(seed);
    let servedCount = 0;
    for (let round = 0; round < ROUNDS; round++) {
      // A fault in an unfinished line may wait for the line's end, so every line is given one.
      const text = `${mutate(random)}\n`;
      const whole = read(text, []);
      const cuts = randomCuts(random, text.length);
      expect(read(text, cuts), `round ${round}: ${JSON.stringify(text)} at ${cuts.join()}`).toEqual(whole);
      for (const request of whole.requests) expectWellFormed(request);
      servedCount += whole.requests.length;
    }
    // The changes are small enough to be of use: many leave a request that is served.
    expect(servedCount).toBeGreaterThan(ROUNDS / 5);
  });

  test.each(SEEDS)("reads what was meant by any valid request (seed %d)", (seed) => {
    const random = seededRandom(seed);
    for (let round = 0; round < ROUNDS / 5; round++) {
      const { bytes, fields, body } = randomRequest(random);
      const { requests, refusal, waitingBytes } = read(bytes, randomCuts(random, bytes.length));
      expect(
        { refusal, waitingBytes, fields: requests[0]?.fields, body: requests[0]?.body },
        JSON.stringify(bytes),
      ).toEqual({
        refusal: null,
        waitingBytes: 0,
        fields,
        body,
      });
    }
  });
});
