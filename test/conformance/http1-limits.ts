import {
  CONFORMANCE_BODY_BYTES_MAX,
  CONFORMANCE_LIMITS,
  type ExpectedField,
  head,
  type Http1Case,
  refused,
  served,
} from "./http1-case.ts";

const {
  requestLineBytesMax,
  headerLineBytesMax,
  headerCountMax,
  headerBytesMax,
  trailerBytesMax,
  chunkExtensionBytesMax,
} = CONFORMANCE_LIMITS;

const HOST: ExpectedField = ["Host", "a.example"];

/** One limit: what is served just below and at it, and refused with `status` just above. */
interface Limit {
  readonly name: keyof typeof CONFORMANCE_LIMITS | "bodyBytesMax";
  readonly max: number;
  readonly status: number;
  /** A request that has exactly `amount` of what is limited. */
  readonly request: (amount: number) => Http1Case;
}

const LIMITS: readonly Limit[] = [
  { name: "requestLineBytesMax", max: requestLineBytesMax, status: 414, request: withRequestLine },
  { name: "headerLineBytesMax", max: headerLineBytesMax, status: 431, request: withLongField },
  { name: "headerCountMax", max: headerCountMax, status: 431, request: withFieldCount },
  { name: "headerBytesMax", max: headerBytesMax, status: 431, request: withFieldBytes },
  { name: "trailerBytesMax", max: trailerBytesMax, status: 431, request: withTrailerBytes },
  { name: "chunkExtensionBytesMax", max: chunkExtensionBytesMax, status: 400, request: withExtensionBytes },
  { name: "bodyBytesMax", max: CONFORMANCE_BODY_BYTES_MAX, status: 413, request: withBodyBytes },
  { name: "bodyBytesMax", max: CONFORMANCE_BODY_BYTES_MAX, status: 413, request: withChunkedBytes },
];

/** Each limit of a request at one below, exactly, and one above. */
export const HTTP1_LIMITS: readonly Http1Case[] = LIMITS.flatMap(({ max, status, request }) => [
  request(max - 1),
  request(max),
  refusedInstead(request(max + 1), status),
]);

function refusedInstead({ name, bytes }: Http1Case, status: number): Http1Case {
  return refused(name, bytes, status);
}

function withRequestLine(bytes: number): Http1Case {
  const target = `/${"x".repeat(bytes - "GET / HTTP/1.1".length)}`;
  return served(
    `a request line of ${bytes} bytes`,
    head(`GET ${target} HTTP/1.1`, "Host: a.example"),
    ok("GET", [HOST], { target }),
  );
}

function withLongField(bytes: number): Http1Case {
  const value = "x".repeat(bytes - "A: ".length);
  return served(
    `a header line of ${bytes} bytes`,
    head("GET / HTTP/1.1", "Host: a.example", `A: ${value}`),
    ok("GET", [HOST, ["A", value]]),
  );
}

function withFieldCount(count: number): Http1Case {
  const fields = Array.from({ length: count - 1 }, (_, index): ExpectedField => [`A${index}`, ""]);
  return served(
    `${count} header lines`,
    head("GET / HTTP/1.1", "Host: a.example", ...fields.map(([name]) => `${name}:`)),
    ok("GET", [HOST, ...fields]),
  );
}

function withFieldBytes(bytes: number): Http1Case {
  const fields = fill(bytes - "Host: a.example\r\n".length);
  return served(
    `header lines of ${bytes} bytes together`,
    head("GET / HTTP/1.1", "Host: a.example", ...lines(fields)),
    ok("GET", [HOST, ...fields]),
  );
}

function withTrailerBytes(bytes: number): Http1Case {
  const trailers = fill(bytes);
  return chunked(`trailers of ${bytes} bytes`, `0\r\n${head(...lines(trailers))}`, { trailers });
}

function withExtensionBytes(bytes: number): Http1Case {
  const first = bytes >> 1;
  const extensions = [`;${"a".repeat(first - 1)}`, `;${"b".repeat(bytes - first - 1)}`];
  return chunked(`extensions of ${bytes} bytes in two chunks`, `1${extensions[0]}\r\na\r\n0${extensions[1]}\r\n\r\n`, {
    body: "a",
  });
}

function withBodyBytes(bytes: number): Http1Case {
  const body = "x".repeat(bytes);
  const length = `${bytes}`;
  const name = `a body of ${bytes} bytes`;
  return served(
    name,
    head("POST / HTTP/1.1", "Host: a.example", `Content-Length: ${length}`) + body,
    ok("POST", [HOST, ["Content-Length", length]], { body }),
  );
}

function withChunkedBytes(bytes: number): Http1Case {
  const first = bytes >> 1;
  const rest = bytes - first;
  const chunks = `${first.toString(16)}\r\n${"x".repeat(first)}\r\n${rest.toString(16)}\r\n${"x".repeat(rest)}\r\n0\r\n\r\n`;
  return chunked(`a chunked body of ${bytes} bytes`, chunks, { body: "x".repeat(bytes) });
}

function chunked(name: string, body: string, rest: Partial<ReturnType<typeof ok>>): Http1Case {
  const bytes = head("POST / HTTP/1.1", "Host: a.example", "Transfer-Encoding: chunked") + body;
  return served(name, bytes, ok("POST", [HOST, ["Transfer-Encoding", "chunked"]], rest));
}

function ok(
  method: string,
  fields: readonly ExpectedField[],
  rest: { target?: string; body?: string; trailers?: readonly ExpectedField[] } = {},
) {
  return { method, target: "/", host: "a.example", fields, body: "", ...rest };
}

/** Fields whose lines take exactly `bytes` with their line ends, each well below the limit of one line. */
function fill(bytes: number): readonly ExpectedField[] {
  const lineBytes = 100;
  const overhead = "A: \r\n".length;
  const fields: ExpectedField[] = [];
  for (let left = bytes; left > 0;) {
    const taken = left >= lineBytes + overhead ? lineBytes : left;
    fields.push(["A", "x".repeat(taken - overhead)]);
    left -= taken;
  }
  return fields;
}

function lines(fields: readonly ExpectedField[]): readonly string[] {
  return fields.map(([name, value]) => `${name}: ${value}`);
}
