import { describe, expect, test } from "bun:test";

import { describeOctet, HEX_VALUE, octetTable } from "./octets.ts";

describe("octetTable", () => {
  test("is 1 for the octets named and 0 for all others", () => {
    const table = octetTable(/[a-c\xff]/);
    expect(table.length).toBe(256);
    expect([...table.entries()].filter(([, value]) => value === 1).map(([octet]) => octet)).toEqual([97, 98, 99, 255]);
  });
});

describe("HEX_VALUE", () => {
  test("knows the digits of either letter case and nothing else", () => {
    for (let octet = 0; octet < 256; octet++) {
      const character = String.fromCharCode(octet);
      const value = /[0-9A-Fa-f]/.test(character) ? Number.parseInt(character, 16) : -1;
      expect([octet, HEX_VALUE[octet]]).toEqual([octet, value]);
    }
  });
});

describe("describeOctet", () => {
  test("writes two digits", () => {
    expect([0, 0x0b, 0xff].map(describeOctet)).toEqual(["0x00", "0x0b", "0xff"]);
  });
});
