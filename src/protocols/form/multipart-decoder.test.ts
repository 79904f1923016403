import { describe, expect, test } from "bun:test";
import { HttpError } from "../http/http-error.ts";
import { formTypeOf } from "./form-type.ts";
import { MultipartDecoder } from "./multipart-decoder.ts";

const LIMITS = { partHeaderBytesMax: 200, nameBytesMax: 40 };

/** `name|filename|type|content` of each part, or the status and the state of what is refused. */
function decode(body: Buffer, cuts: readonly number[], boundary = "b"): string {
  const parts: string[] = [];
  const decoder = new MultipartDecoder(boundary, LIMITS, {
    onPart: ({ name, filename, type }) =>
      void parts.push([name, filename ?? "-", type, ""].map((bytes) => bytes.toString("latin1")).join("|")),
    onPartBytes: (bytes, start, end) => {
      expect(end).toBeGreaterThan(start);
      parts.push(`${parts.pop() ?? ""}${bytes.toString("latin1", start, end)}`);
    },
    onPartEnd: () => void parts.push(`${parts.pop() ?? ""}.`),
  });
  try {
    let start = 0;
    for (const cut of [...cuts, body.length]) {
      decoder.decode(body, start, cut);
      start = cut;
    }
    decoder.end();
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    return `${error.status} ${error.message.replace(/^Cannot \w+ a form: |, [^,]*$/g, "")}`;
  }
  return parts.join("\n");
}

/** The same however it is cut. */
function decodeAnyhow(text: string, boundary?: string): string {
  const body = Buffer.from(text, "latin1");
  const whole = decode(body, [], boundary);
  for (let cut = 0; cut <= body.length; cut++) expect([cut, decode(body, [cut], boundary)]).toEqual([cut, whole]);
  expect(decode(body, Array.from(body.keys()), boundary)).toBe(whole);
  return whole;
}

const NAMED = 'Content-Disposition: form-data; name="a"';

/** A form of one part. */
function part(header: string, content = "x"): string {
  return `--b\r\n${header}\r\n\r\n${content}\r\n--b--\r\n`;
}

describe("MultipartDecoder", () => {
  test.each([
    ["a field", part(NAMED), "a|-||x."],
    ["no content", part(NAMED, ""), "a|-||."],
    ["a file with its type", part(`${NAMED}; filename="f"\r\nContent-Type: image/png; x=y`), "a|f|image/png; x=y|x."],
    ["a file input without a file", part(`${NAMED}; filename=""`, ""), "a|||."],
    ["several parts", `--b\r\n${NAMED}\r\n\r\n1\r\n--b\r\n${NAMED}\r\n\r\n2\r\n--b--`, "a|-||1.\na|-||2."],
    ["a preamble and an epilogue", `hello\r\nworld\r\n${part(NAMED)}bye --b\r\n`, "a|-||x."],
    [
      "spaces behind a boundary",
      `--b \t\r\n${NAMED}\r\n\r\nx\r\n--b  \r\n${NAMED}\r\n\r\ny\r\n--b--`,
      "a|-||x.\na|-||y.",
    ],
    [
      "content that looks like a boundary",
      part(NAMED, "\r\n-\r\r\n--\r\n--a\r--b\n--b--b\r"),
      "a|-||\r\n-\r\r\n--\r\n--a\r--b\n--b--b\r.",
    ],
    ["lower case, no quotes, other fields", part("content-disposition:FORM-DATA;name=a\r\nX-Y: z"), "a|-||x."],
    [
      "quoted text with backslashes",
      part(String.raw`Content-Disposition: form-data; name="a\"\\b\c"`),
      'a"\\b\\c|-||x.',
    ],
    ["bytes that are no UTF-8", part('Content-Disposition: form-data; name="\xff"', "\xfe"), "\xff|-||\xfe."],
    [
      "UTF-8",
      part('Content-Disposition: form-data; name="\xc3\xbc"; filename="\xe6\x96\x87.txt"'),
      "\xc3\xbc|\xe6\x96\x87.txt||x.",
    ],
    [
      "a name that RFC 5987 encodes, beside the plain one",
      part(`${NAMED}; filename=f; filename*=UTF-8''%66`),
      "a|f||x.",
    ],
    ["plain transfer encodings", part(`${NAMED}\r\nContent-Transfer-Encoding: 8BIT`), "a|-||x."],
    [
      "a multipart in a part, as its content",
      part(`${NAMED}\r\nContent-Type: multipart/mixed; boundary=c`, "--c\r\n\r\nin\r\n--c--"),
      "a|-|multipart/mixed; boundary=c|--c\r\n\r\nin\r\n--c--.",
    ],
    ["no part", "--b--\r\n", ""],
  ])("reads %s, however the body is cut", (_, body, expected) => {
    expect(decodeAnyhow(body)).toBe(expected);
  });

  test.each([
    ["../../etc/passwd", "passwd"],
    ["..\\\\..\\\\boot.ini", "boot.ini"],
    ["C:\\dir\\file.txt", "file.txt"],
    ["/etc/", ""],
    ["..", ""],
    ["a/..", ""],
    ["\\\\.", ""],
    ["...", "..."],
  ])("leaves no path in the name of a file: %s", (given, expected) => {
    expect(decodeAnyhow(part(`${NAMED}; filename="${given}"`))).toBe(`a|${expected}||x.`);
  });

  test.each([
    ["nothing", "", "its body ends before its last boundary"],
    ["no boundary", "name=value", "its body ends before its last boundary"],
    ["no end", `--b\r\n${NAMED}\r\n\r\nx\r\n--b\r\n`, "its body ends before its last boundary"],
    ["an end in the content", `--b\r\n${NAMED}\r\n\r\nx\r\n--`, "its body ends before its last boundary"],
    ["half of the last boundary", `--b\r\n${NAMED}\r\n\r\nx\r\n--b-`, "its body ends before its last boundary"],
    ["bare LF", part(NAMED).replaceAll("\r\n", "\n"), "more than its boundary stands in a boundary's line"],
    ["bare LF in a header", part(`${NAMED}\nX: y`), "a line of a part's header ends without CR LF, or has a NUL"],
    ["bare CR in a header", part(`${NAMED}\rX: y`), "a line of a part's header ends without CR LF, or has a NUL"],
    ["NUL in a header", part(`${NAMED}\0`), "a line of a part's header ends without CR LF, or has a NUL"],
    ["a longer boundary", "--bc\r\n", "more than its boundary stands in a boundary's line"],
    ["one hyphen behind a boundary", "--b-\r\n", "more than its boundary stands in a boundary's line"],
    ["CR alone behind a boundary", "--b\rx", "more than its boundary stands in a boundary's line"],
    ["64 spaces and more", `--b${" ".repeat(65)}`, "more than its boundary stands in a boundary's line"],
    ["a part that begins with the boundary", `--b\r\n${NAMED}\r\n\r\n--b--`, "a part begins with the boundary"],
    ["no header", "--b\r\n\r\nx\r\n--b--", "of one of its parts the header is empty"],
    ["a folded header", part(`${NAMED};\r\n filename=x`), "of one of its parts a line of its header cannot be read"],
    ["a header without a colon", part(`${NAMED}\r\nX`), "of one of its parts a line of its header cannot be read"],
    ["a control character", part(`${NAMED}\r\nX: \x01`), "of one of its parts a line of its header cannot be read"],
    [
      "no disposition",
      part("Content-Type: text/plain"),
      "of one of its parts its Content-Disposition is not form-data",
    ],
    [
      "another disposition",
      part("Content-Disposition: file; name=a"),
      "of one of its parts its Content-Disposition is not form-data",
    ],
    ["two dispositions", part(`${NAMED}\r\n${NAMED}`), "of one of its parts it has two Content-Disposition fields"],
    [
      "two types",
      part(`${NAMED}\r\nContent-Type: a/b\r\nContent-Type: c/d`),
      "of one of its parts it has two Content-Type fields",
    ],
    ["no name", part("Content-Disposition: form-data; filename=x"), "of one of its parts it has no name"],
    ["two names", part(`${NAMED}; NAME=b`), "of one of its parts it has two parameters name"],
    [
      "quotes without an end",
      part('Content-Disposition: form-data; name="a'),
      "of one of its parts the parameters of its Content-Disposition cannot be read",
    ],
    [
      "base64",
      part(`${NAMED}\r\nContent-Transfer-Encoding: base64`),
      "of one of its parts its content is encoded for mail",
    ],
  ])("refuses %s", (_, body, expected) => {
    expect(decodeAnyhow(body)).toBe(`400 ${expected}`);
  });

  test("takes headers and names up to their limits", () => {
    const header = (bytes: number): string => `${NAMED}\r\nX: ${"x".repeat(bytes - NAMED.length - 9)}`;
    expect(decodeAnyhow(part(header(200)))).toBe("a|-||x.");
    expect(decodeAnyhow(part(header(201)))).toBe("413 it exceeds uploads.max_header_size");
    for (const key of ["name", "name=a; filename"]) {
      const disposition = (bytes: number): string => `Content-Disposition: form-data; ${key}="${"n".repeat(bytes)}"`;
      expect(decodeAnyhow(part(disposition(40)))).toContain("n".repeat(40));
      expect(decodeAnyhow(part(disposition(41)))).toBe("413 it exceeds uploads.max_name_size");
    }
  });

  test("finds the longest boundary", () => {
    const boundary = `'()+_,-./:=? ${"-".repeat(57)}`;
    const body = part(NAMED, `x\r\n--${boundary.slice(0, 69)}`).replaceAll("--b", `--${boundary}`);
    expect(decodeAnyhow(body, boundary)).toBe(`a|-||x\r\n--${boundary.slice(0, 69)}.`);
  });

  test("reads what the platform writes", async () => {
    const form = new FormData();
    form.append("text", "one, two");
    form.append('quoted "name"', "\u00fc");
    form.append("file", new File(["\r\n--b\r\n"], 'a "b".bin', { type: "image/x-test" }));
    const response = new Response(form);
    const type = formTypeOf(response.headers.get("content-type"));
    if (type?.kind !== "multipart") throw new Error("a form is one");
    expect(decode(Buffer.from(await response.arrayBuffer()), [], type.boundary).split(".\n")).toEqual([
      "text|-||one, two",
      "quoted %22name%22|-||\u00c3\u00bc",
      "file|a %22b%22.bin|image/x-test|\r\n--b\r\n.",
    ]);
  });
});
