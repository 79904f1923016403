import { describe, expect, test } from "bun:test";

import { assertNoLeaks, snapshot } from "../../../test/support/leak-check.ts";
import { bodyOf, fieldOf, FILE_TIME, StaticServer, statusOf } from "../../../test/support/static-server.ts";

const DIGITS = "0123456789";

describe("FileAnswer", () => {
  test.each([
    ["If-None-Match", "ETag", 304],
    ["If-Match", "ETag", 200],
    ["If-Modified-Since", "Last-Modified", 304],
    ["If-Unmodified-Since", "Last-Modified", 200],
  ])("%s with the %s it was given: %d", async (condition, validator, status) => {
    using server = new StaticServer();
    server.file("a.txt", DIGITS);
    const first = await server.ask("/a.txt");
    for (const method of ["GET", "HEAD"]) {
      const answer = await server.ask("/a.txt", [`${condition}: ${fieldOf(first, validator)}`], method);
      expect(statusOf(answer)).toBe(status);
      expect(fieldOf(answer, "ETag")).toBe(fieldOf(first, "ETag"));
      expect(bodyOf(answer)).toBe(status === 200 && method === "GET" ? DIGITS : "");
    }
  });

  test("refuses what is not met with 412", async () => {
    using server = new StaticServer();
    server.file("a.txt", DIGITS);
    expect(statusOf(await server.ask("/a.txt", ['If-Match: "other"']))).toBe(412);
    expect(statusOf(await server.ask("/a.txt", ["If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT"]))).toBe(412);
  });

  test("a file changed just now has a weak tag, for it may change again unseen", async () => {
    using server = new StaticServer();
    // A minute ahead: the machine may take its time.
    server.file("a.txt", DIGITS, new Date(Date.now() + 60_000));
    const answer = await server.ask("/a.txt");
    expect(fieldOf(answer, "ETag")).toMatch(/^W\//);
    const spared = await server.ask("/a.txt", [`If-None-Match: ${fieldOf(answer, "ETag")}`]);
    expect(statusOf(spared)).toBe(304);
    const range = await server.ask("/a.txt", ["Range: bytes=0-0", `If-Range: ${fieldOf(answer, "ETag")}`]);
    expect(statusOf(range)).toBe(200);
  });

  test("a time ahead of the clock is not told", async () => {
    using server = new StaticServer();
    server.file("a.txt", DIGITS, new Date(Date.now() + 86_400_000));
    expect(Date.parse(fieldOf(await server.ask("/a.txt"), "Last-Modified") ?? "")).toBeLessThanOrEqual(Date.now());
  });

  test.each([
    ["bytes=2-4", "234", "bytes 2-4/10"],
    ["bytes=-3", "789", "bytes 7-9/10"],
    ["bytes=8-", "89", "bytes 8-9/10"],
    ["bytes=0-4,3-6", "0123456", "bytes 0-6/10"],
  ])("sends %s alone", async (range, body, contentRange) => {
    using server = new StaticServer();
    server.file("a.txt", DIGITS);
    const answer = await server.ask("/a.txt", [`Range: ${range}`]);
    expect([statusOf(answer), bodyOf(answer)]).toEqual([206, body]);
    expect(fieldOf(answer, "Content-Range")).toBe(contentRange);
    expect(fieldOf(answer, "Content-Type")).toBe("text/plain;charset=utf-8");
  });

  test.each([1_000, 1_000_000])("sends several ranges of %d bytes as multipart/byteranges", async (byteLength) => {
    using server = new StaticServer();
    server.file("a.txt", DIGITS.repeat(byteLength / 10));
    const answer = await server.ask("/a.txt", ["Range: bytes=900-904, 0-1"]);
    const boundary = /^multipart\/byteranges; boundary=([0-9a-f]{32})$/.exec(
      fieldOf(answer, "Content-Type") ?? "",
    )?.[1];
    expect(statusOf(answer)).toBe(206);
    expect(bodyOf(answer)).toBe(
      [
        `--${boundary}`,
        "Content-Type: text/plain;charset=utf-8",
        `Content-Range: bytes 900-904/${byteLength}`,
        "",
        "01234",
        `--${boundary}`,
        "Content-Type: text/plain;charset=utf-8",
        `Content-Range: bytes 0-1/${byteLength}`,
        "",
        "01",
        `--${boundary}--`,
        "",
      ].join("\r\n"),
    );
    expect(fieldOf(answer, "Content-Length")).toBe(String(bodyOf(answer).length));
  });

  test("cannot satisfy a range past the end, nor ten thousand", async () => {
    using server = new StaticServer();
    server.file("a.txt", DIGITS.repeat(1_000));
    for (const range of ["bytes=10000-", `bytes=${"1-1,".repeat(1_500)}1-1`]) {
      const answer = await server.ask("/a.txt", [`Range: ${range}`]);
      expect([statusOf(answer), fieldOf(answer, "Content-Range")]).toEqual([416, "bytes */10000"]);
      expect(bodyOf(answer)).toBe("416 Range Not Satisfiable\n");
    }
  });

  test("sends the whole where the range is none, is of HEAD, or is of another state", async () => {
    using server = new StaticServer();
    server.file("a.txt", DIGITS);
    const etag = fieldOf(await server.ask("/a.txt"), "ETag");
    expect(statusOf(await server.ask("/a.txt", ["Range: lines=1-2"]))).toBe(200);
    expect(statusOf(await server.ask("/a.txt", ["Range: bytes=0-1"], "HEAD"))).toBe(200);
    expect(bodyOf(await server.ask("/a.txt", ["Range: bytes=0-1", 'If-Range: "other"']))).toBe(DIGITS);
    expect(bodyOf(await server.ask("/a.txt", ["Range: bytes=0-1", `If-Range: ${etag}`]))).toBe("01");
    expect(bodyOf(await server.ask("/a.txt", ["Range: bytes=0-1", `If-Range: ${FILE_TIME}`]))).toBe("01");
  });

  test("sends the sibling in the coding that the client likes best", async () => {
    using server = new StaticServer();
    server.file("a.css", "plain");
    server.file("a.css.br", "as br");
    server.file("a.css.gz", "as gzip");
    const ask = async (accept: string) => {
      const answer = await server.ask("/a.css", accept === "" ? [] : [`Accept-Encoding: ${accept}`]);
      expect(fieldOf(answer, "Vary")).toBe("Accept-Encoding");
      expect(fieldOf(answer, "Content-Type")).toBe("text/css;charset=utf-8");
      return [fieldOf(answer, "Content-Encoding"), bodyOf(answer)];
    };
    expect(await ask("")).toEqual([null, "plain"]);
    expect(await ask("gzip, br")).toEqual(["br", "as br"]);
    expect(await ask("gzip, br;q=0.5")).toEqual(["gzip", "as gzip"]);
    expect(await ask("zstd")).toEqual([null, "plain"]);
    const etags = ["identity", "br"].map(async (coding) =>
      fieldOf(await server.ask("/a.css", [`Accept-Encoding: ${coding}`]), "ETag"),
    );
    expect(new Set(await Promise.all(etags)).size).toBe(2);
    expect(bodyOf(await server.ask("/a.css.gz"))).toBe("as gzip");
  });

  test("leaves no descriptor open, whatever the answer was", async () => {
    using server = new StaticServer();
    server.file("a.txt", DIGITS);
    server.file("large.bin", Buffer.alloc(300_000));
    await server.ask("/a.txt");
    const before = snapshot();
    const asks = ["/a.txt", "/large.bin", "/missing", "/"].flatMap((path) =>
      [
        [],
        ["Range: bytes=0-1"],
        ["Range: bytes=0-1,500-501"],
        ["Range: bytes=900000-"],
        ["If-None-Match: *"],
        ['If-Match: "x"'],
      ].flatMap((fields) => [server.ask(path, fields), server.ask(path, fields, "HEAD")]),
    );
    await Promise.all(asks);
    await assertNoLeaks(before);
  });
});
