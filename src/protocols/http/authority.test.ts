import { describe, expect, test } from "bun:test";

import { isAuthority } from "./authority.ts";

/** What could complete a bad authority, were it looked at. */
const SUFFIXES = ["", "]", "0]:1", "0:1", ":1"];

/** Whether `text` is an authority; throws when that depends on the bytes behind it. */
function asked(text: string): boolean {
  const answers = SUFFIXES.map((suffix) => isAuthority(Buffer.from(`[${text}${suffix}`, "latin1"), 1, 1 + text.length));
  expect(new Set(answers).size).toBe(1);
  return answers[0]!;
}

describe("isAuthority", () => {
  test.each([
    "a",
    "a.example",
    "A.EXAMPLE.",
    "a_b-c~d!$&'()*+,;=",
    "%61%2F",
    "a:0",
    "a:",
    "a:65535",
    "a:00080",
    "127.0.0.1",
    "[::]",
    "[::]:80",
    "[::1]",
    "[1::]",
    "[1:2:3:4:5:6:7:8]",
    "[1::3:4:5:6:7:8]",
    "[1:2:3:4:5:6:7::]",
    "[::2:3:4:5:6:7:8]",
    "[2001:DB8::ff00:42:8329]:443",
    "[::ffff:192.0.2.1]",
    "[1:2:3:4:5:6:192.0.2.1]",
    "[::0.0.0.0]",
    "[::255.255.255.255]",
  ])("takes %s", (text) => {
    expect(asked(text)).toBe(true);
  });

  test.each([
    "",
    ":",
    ":80",
    "a b",
    "u@a",
    "u:p@a",
    "a/b",
    "a?b",
    "a#b",
    "a\\b",
    "a|b",
    "a\0",
    "a\x7f",
    "\xe9",
    "a%",
    "a%4",
    "a%4g",
    "a:65536",
    "a:99999999999999999999",
    "a:80a",
    "a:-1",
    "a:+1",
    "a: 1",
    "a:80:80",
    "::1",
    "[",
    "[]",
    "[]:80",
    "[::1",
    "::1]",
    "[::1]a",
    "[::1]80",
    "[::1]:a",
    "[[::1]]",
    "[:]",
    "[:1]",
    "[1:]",
    "[1:2]",
    "[:::]",
    "[::1::]",
    "[1::2::3]",
    "[12345::]",
    "[g::]",
    "[1:2:3:4:5:6:7]",
    "[1:2:3:4:5:6:7:8:9]",
    "[1::2:3:4:5:6:7:8]",
    "[1:2:3:4:5:6:7:8::]",
    "[fe80::1%eth0]",
    "[v1.a]",
    "[::1.2.3]",
    "[::1.2.3.4.5]",
    "[::1.2.3.256]",
    "[::1.2.3.04]",
    "[::1..3.4]",
    "[::1.2.3.4:5]",
    "[1.2.3.4]",
    "[1:2:3:4:5:6:7:1.2.3.4]",
    "[1:2:3:4:5:1.2.3.4]",
  ])("refuses %j", (text) => {
    expect(asked(text)).toBe(false);
  });
});
