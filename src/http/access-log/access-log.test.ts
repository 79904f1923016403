import { describe, expect, test } from "bun:test";
import { buildRequestHead } from "../../../test/support/build-request-head.ts";
import { RecordingWriter } from "../../../test/support/recording-writer.ts";
import { parseAccessFormat } from "../../config/types/access-format.ts";
import { EVERY_REQUEST } from "../../config/resolve/every-request.ts";
import type { AccessLogConfig } from "../../config/logging-config.ts";
import type { TlsFacts } from "../../kernel/tls-facts.ts";
import { Exchange } from "../exchange.ts";
import { AccessLog } from "./access-log.ts";
import type { AccessRecord } from "./access-record.ts";
import { ExchangeFacts, type RequestFacts, UnreadableFacts } from "./request-facts.ts";
import { SecretsMask } from "./secrets-mask.ts";

const MASK = new SecretsMask({ queryNames: ["token"], headerNames: ["authorization", "cookie"] });

const CONFIG: AccessLogConfig = { ...EVERY_REQUEST, file: null, format: "json" };

const RECORD: AccessRecord = {
  app: "shop",
  user: null,
  outcome: "answered",
  status: 200,
  bodyBytes: 1234,
  arrivedMs: Date.UTC(2026, 9, 10, 13, 55, 36, 789),
  durationMs: 12.3456,
  firstByteMs: 11,
  queueMs: 2,
  workMs: 9.75,
};

interface Request {
  readonly target?: string;
  readonly fields?: readonly (readonly [string, string])[];
  readonly remoteAddress?: string;
  readonly serverAddress?: string;
  readonly tls?: TlsFacts | null;
}

function facts({
  target = "/",
  fields = [],
  remoteAddress = "192.0.2.1:4711",
  serverAddress = "192.0.2.9:443",
  tls = null,
}: Request = {}): RequestFacts {
  const [path = "", query = ""] = target.split("?");
  const head = buildRequestHead({ method: "GET", target, path, query, authority: "example.org", fields });
  const scheme = tls === null ? "http" : "https";
  return new ExchangeFacts(
    new Exchange(head, Buffer.from(remoteAddress), scheme, new RecordingWriter(), {
      tls,
      serverAddress: Buffer.from(serverAddress),
    }),
    MASK,
  );
}

function lines(
  config: Partial<AccessLogConfig>,
  ...entries: readonly (readonly [RequestFacts, AccessRecord])[]
): string[] {
  const written: string[] = [];
  const log = new AccessLog(
    { ...CONFIG, ...config },
    { write: (bytes, end) => void written.push(bytes.toString("latin1", 0, end)) },
  );
  for (const [request, record] of entries) {
    const captured = log.capture(request);
    if (captured !== null) log.write(captured, record);
  }
  return written;
}

function line(format: string, request: RequestFacts = facts(), record: Partial<AccessRecord> = {}): string {
  return lines({ format: parseAccessFormat(format)! }, [request, { ...RECORD, ...record }])[0] ?? "";
}

describe("AccessLog › formats", () => {
  test("combined is what tools for Apache and nginx read", () => {
    const fields = [
      ["Referer", "https://example.org/start?token=s3cret"],
      ["User-Agent", 'curl "8"'],
    ] as const;
    expect(line("combined", facts({ target: "/a?b=c&token=s3cret", fields }))).toMatch(
      /^192\.0\.2\.1 - - \[\d\d\/Oct\/2026:\d\d:\d\d:36 [+-]\d{4}\] "GET \/a\?b=c&token=\*\*\* HTTP\/1\.1" 200 1234 "https:\/\/example\.org\/start\?token=\*\*\*" "curl \\x228\\x22"\n$/,
    );
  });

  test("JSON has the same members in every line", () => {
    const tls: TlsFacts = {
      version: "TLSv1.3",
      cipher: "C",
      protocol: null,
      serverName: null,
      clientCertificate: null,
    };
    const fields = [
      ["X-Request-Id", "id-1"],
      ["User-Agent", "gr\xc3\xbc\xc3\x9fe\x01"],
    ] as const;
    expect(JSON.parse(line("json", facts({ target: "/a?token=x", fields, tls })))).toEqual({
      time: "2026-10-10T13:55:36.789Z",
      client: "192.0.2.1",
      method: "GET",
      target: "/a?token=***",
      protocol: "HTTP/1.1",
      host: "example.org",
      scheme: "https",
      requestId: "id-1",
      tls: "TLSv1.3",
      referer: null,
      userAgent: "grüße\u0001",
      status: 200,
      bodyBytes: 1234,
      outcome: "answered",
      app: "shop",
      user: null,
      durationMs: 12.346,
      firstByteMs: 11,
      queueMs: 2,
      workerMs: 9.75,
    });
  });

  test.each([
    ["$request_time $queue_time $worker_time $first_byte_time", "0.012 0.002 0.010 0.011"],
    ["%D %{ms}T %T", "12346 12 0"],
    ["$uri$is_args$args %q", "/a?b=c ?b=c"],
    ["$request_method $request_uri $http_host", "GET /a?b=c -"],
    ["%{Authorization}i $http_cookie $http_missing", "*** *** -"],
    ["$scheme $host $server_protocol $app %X $ssl_protocol", "http example.org HTTP/1.1 shop + -"],
    ["$msec", "1791640536.789"],
    ["$remote_addr $remote_port", "192.0.2.1 4711"],
    ["$server_addr $server_port %A %p", "192.0.2.9 443 192.0.2.9 443"],
    ["$remote_user %u %l", "- - -"],
    ["grüße 100%%", "grÃ¼Ã\u009fe 100%"],
  ])("%s is %s", (format, expected) => {
    const fields = [
      ["Authorization", "Bearer s3cret"],
      ["Cookie", "a=s3cret"],
    ] as const;
    expect(line(format, facts({ target: "/a?b=c", fields }))).toBe(`${expected}\n`);
  });

  test.each([
    ["[2001:db8::1]:4711", "2001:db8::1"],
    ["unix:", "unix:"],
  ])("the client at %s is %s", (remoteAddress, expected) => {
    expect(line("%h", facts({ remoteAddress }))).toBe(`${expected}\n`);
  });

  test("the server on a Unix socket is its path", () => {
    expect(line("$server_addr %p", facts({ serverAddress: "/run/a.sock" }))).toBe("/run/a.sock -\n");
  });

  test("whose password was right is named, whatever the name is made of", () => {
    const user = Buffer.from('e"vé\n').toString("latin1");
    expect(line("%u", facts(), { user })).toBe("e\\x22v\\xC3\\xA9\\x0A\n");
    for (const format of ['{"user":"$remote_user"}', "json"]) {
      expect(JSON.parse(line(format, facts(), { user }))).toMatchObject({ user: 'e"vé\n' });
    }
  });

  test("a request that could not be read has what is known of it", () => {
    const unreadable = new UnreadableFacts({ status: 400, client: "192.0.2.1:4711", httpMajor: 1 });
    const record = { app: null, outcome: "refused", status: 400, bodyBytes: 0 } as const;
    expect(line('%h "%r" %>s %b %X', unreadable, record)).toBe('192.0.2.1 "-" 400 - -\n');
    expect(JSON.parse(line("json", unreadable, record))).toMatchObject({
      method: null,
      target: null,
      status: 400,
      app: null,
    });
  });

  test("a client that left before any answer has nginx's 499, and in JSON no status", () => {
    const left = { outcome: "abandoned", status: 0, bodyBytes: 0, firstByteMs: -1, workMs: -1 } as const;
    expect(line("%s %X $first_byte_time $worker_time", facts(), left)).toBe("499 X - -\n");
    expect(JSON.parse(line("json", facts(), left))).toMatchObject({ status: null, firstByteMs: null, workerMs: null });
  });

  test("a format that is JSON itself stays JSON, whatever is sent", () => {
    const format = '{"agent":"$http_user_agent","none":"$http_x","user":"$remote_user"}';
    const request = facts({ fields: [["User-Agent", 'a"b\\c\x1b']] });
    expect(JSON.parse(line(format, request))).toEqual({ agent: 'a"b\\c\x1b', none: "", user: "" });
  });

  test.each(["combined", "json", '$request "$http_user_agent"'])(
    "nothing a client sends breaks a line of %s",
    (format) => {
      const nasty = String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code));
      const written = line(
        format,
        facts({
          target: `/${nasty.replace("?", "")}`,
          fields: [
            ["User-Agent", nasty],
            ["Referer", nasty],
          ],
        }),
      );
      expect(written).toMatch(/^[ -~]+\n$/);
    },
  );
});

describe("AccessLog › conditions", () => {
  const pass = (config: Partial<AccessLogConfig>, request: Request = {}, record: Partial<AccessRecord> = {}): boolean =>
    lines(config, [facts(request), { ...RECORD, ...record }]).length === 1;

  test.each([
    [[[400, 499]], 404, true],
    [[[400, 499]], 500, false],
    [
      [
        [404, 404],
        [500, 599],
      ],
      503,
      true,
    ],
    [[[100, 599]], 0, false],
  ] as const)("statuses %j have %p: %p", (statuses, status, expected) => {
    expect(pass({ statuses }, {}, { status })).toBe(expected);
  });

  test.each([
    ["/a", "/a", true],
    ["/a", "/a/", false],
    ["/a/*", "/a/b", true],
    ["/a/*", "/ab", false],
    ["*.png", "/x/y.png", true],
    ["*.png", "/x/y.png.txt", false],
    ["*/admin/*", "/x/admin/y", true],
    ["*", "/", true],
  ])("the path pattern %s has %s: %p", (pattern, target, expected) => {
    expect(pass({ paths: [pattern] }, { target })).toBe(expected);
    expect(pass({ exceptPaths: [pattern] }, { target })).toBe(!expected);
  });

  test("a duration, an app", () => {
    expect([pass({ durationMsMin: 12 }), pass({ durationMsMin: 13 })]).toEqual([true, false]);
    expect([pass({ apps: ["shop"] }), pass({ apps: ["blog"] }), pass({ apps: ["shop"] }, {}, { app: null })]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test("a listener", () => {
    const log = (listeners: readonly string[]) => new AccessLog({ ...CONFIG, listeners }, { write: () => {} });
    expect([log([]), log(["80"]), log(["443"])].map((each) => each.hasListener("443"))).toEqual([true, false, true]);
  });

  test("lines of requests that end in another order, some of them left out, are not mixed up", () => {
    const written: string[] = [];
    const log = new AccessLog(
      { ...CONFIG, format: parseAccessFormat("$request_uri $status $http_user_agent")!, statuses: [[200, 299]] },
      { write: (bytes, end) => void written.push(bytes.toString("latin1", 0, end)) },
    );
    const agent = (length: number) => ["User-Agent", "x".repeat(length)] as const;
    const capture = (target: string, length: number) => log.capture(facts({ target, fields: [agent(length)] }))!;
    const [a, b, c] = [capture("/a", 1), capture("/b", 2_000), capture("/c", 3)];
    log.write(b, RECORD);
    log.write(c, { ...RECORD, status: 500 });
    const d = capture("/d", 4);
    log.write(a, RECORD);
    log.write(d, RECORD);
    expect(written).toEqual([`/b 200 ${"x".repeat(2_000)}\n`, "/a 200 x\n", "/d 200 xxxx\n"]);
  });

  test("a sample is taken evenly", () => {
    const entries = Array.from({ length: 100 }, () => [facts(), RECORD] as const);
    expect(lines({ sampleShare: 0.25 }, ...entries)).toHaveLength(25);
    expect(lines({ sampleShare: 0.01 }, ...entries).length).toBeWithin(0, 2);
  });
});
