import { describe, expect, test } from "bun:test";
import { seededRandom } from "../../../test/support/seeded-random.ts";
import { escapeOctets } from "./escape-octets.ts";

describe("escapeOctets", () => {
  test.each([
    ["/plain?a=b&c=%20", "/plain?a=b&c=%20", "/plain?a=b&c=%20"],
    ['a"b\\c', "a\\x22b\\x5Cc", 'a\\"b\\\\c'],
    ["a\r\nb\tc\0", "a\\x0D\\x0Ab\\x09c\\x00", "a\\u000d\\u000ab\\u0009c\\u0000"],
    ["\x1b[2J\x7f\x9b", "\\x1B[2J\\x7F\\x9B", "\\u001b[2J\\u007f\\u009b"],
    ["gr\xc3\xbc\xc3\x9fe", "gr\\xC3\\xBC\\xC3\\x9Fe", "gr\\u00fc\\u00dfe"],
    ["\xf0\x9f\x99\x82", "\\xF0\\x9F\\x99\\x82", "\\ud83d\\ude42"],
    ["\xe2\x80\xae", "\\xE2\\x80\\xAE", "\\u202e"],
    ["\xc0\xaf", "\\xC0\\xAF", "\\u00c0\\u00af"],
  ])("%j becomes %j, and %j in JSON", (text, octets, json) => {
    expect(escapeOctets(text, "octets")).toBe(octets);
    expect(escapeOctets(text, "json")).toBe(json);
  });

  test("cuts what is too long, and says so", () => {
    expect(escapeOctets("x".repeat(4_096), "json")).toBe("x".repeat(4_096));
    expect(escapeOctets("x".repeat(4_097), "json")).toBe(`${"x".repeat(4_096)}...`);
    expect(escapeOctets("\x01".repeat(100_000), "json")).toBe(`${"\\u0001".repeat(682)}...`);
    expect(escapeOctets("x\x01xx".repeat(2_048), "json").length).toBeLessThan(2 * 4_096);
  });

  test("cuts JSON between characters, so that what is left is still read as UTF-8", () => {
    const text = Buffer.from("\u6f22".repeat(1_000)).toString("latin1");
    expect(escapeOctets(text, "json")).toBe(`${"\\u6f22".repeat(227)}...`);
    expect(escapeOctets(text.slice(0, 4), "json")).toBe("\\u00e6\\u00bc\\u00a2\\u00e6");
  });

  test("lets nothing through that ends a line, a quote or a terminal's patience, whatever is sent", () => {
    const random = seededRandom(7);
    for (let round = 0; round < 2_000; round++) {
      const text = String.fromCharCode(...Array.from({ length: 12 }, () => random.below(256)));
      expect(escapeOctets(text, "octets")).toMatch(/^(?:[ !#-[\]-~]|\\x[0-9A-F]{2})*$/);
      expect(() => JSON.parse(`"${escapeOctets(text, "json")}"`) as unknown).not.toThrow();
      expect(escapeOctets(text, "json")).toMatch(/^[ -~]*$/);
    }
  });
});
