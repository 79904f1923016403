import { describe, expect, test } from "bun:test";
import { HttpError } from "../http/http-error.ts";
import { UrlencodedDecoder } from "./urlencoded-decoder.ts";

const LIMITS = { nameBytesMax: 4, fieldBytesMax: 8 };

function decode(body: Buffer, cuts: readonly number[]): string {
  const fields: string[] = [];
  const decoder = new UrlencodedDecoder(LIMITS, (name, value) => {
    fields.push(`${name.toString("latin1")}|${value.toString("latin1")}`);
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
    return `${error.status} ${error.message}`;
  }
  return fields.join(" ");
}

describe("UrlencodedDecoder", () => {
  test.each([
    ["", ""],
    ["a=b", "a|b"],
    ["a=b&c=d=e", "a|b c|d=e"],
    ["a=1&a=2", "a|1 a|2"],
    ["&&a&=&=b&", "a| | |b"],
    ["a+b=c%20d%2B", "a b|c d+"],
    ["%41=%c3%BC", "A|\xc3\xbc"],
    ["a=%&b=%4&c=%zz&d=%4z%41", "a|% b|%4 c|%zz d|%4zA"],
    ["a=%ff%00", "a|\xff\0"],
    ["a=\xff", "a|\xff"],
    ["aaaa=12345678", "aaaa|12345678"],
    ["%61%61%61%61=%31%31%31%31%31%31%31%31", "aaaa|11111111"],
  ])("reads %j, however it is cut", (text, expected) => {
    const body = Buffer.from(text, "latin1");
    expect(decode(body, [])).toBe(expected);
    for (let cut = 0; cut <= body.length; cut++) expect([cut, decode(body, [cut])]).toEqual([cut, expected]);
    expect(decode(body, Array.from(body.keys()))).toBe(expected);
  });

  test.each([
    ["aaaaa=1", "max_name_size, 4"],
    ["a=123456789", "max_field_size, 8"],
    [`a=${"%41".repeat(9)}`, "max_field_size, 8"],
    ["x".repeat(38), "max_field_size, 8"],
  ])("refuses %j", (text, limit) => {
    expect(decode(Buffer.from(text), [])).toBe(
      `413 Cannot take a form: it exceeds uploads.${limit} is the most allowed`,
    );
  });

  test("keeps of a field without an end no more than the longest one takes", () => {
    const decoder = new UrlencodedDecoder(LIMITS, () => {});
    const bytes = Buffer.from("%");
    expect(() => {
      for (let count = 0; count < 100; count++) decoder.decode(bytes, 0, 1);
    }).toThrow("max_field_size");
  });
});
