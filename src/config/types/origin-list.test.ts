import { describe, expect, test } from "bun:test";
import * as v from "valibot";
import { originList } from "./origin-list.ts";

const { schema } = originList();

describe("originList", () => {
  test.each([
    [["same"], ["same"]],
    [
      ["https://app.example.com", "http://localhost:3000", "https://*.example.com", "https://[::1]:8443"],
      ["https://app.example.com", "http://localhost:3000", "https://*.example.com", "https://[::1]:8443"],
    ],
    ["same  https://a.example null", ["same", "https://a.example", "null"]],
    ["*", ["*"]],
  ])("takes %p", (raw, origins) => {
    expect(v.parse(schema, raw)).toEqual(origins);
  });

  test.each([
    [[]],
    [""],
    ["example.com"],
    ["https://example.com/"],
    ["https://example.com/path"],
    ["https://*"],
    ["https://a.*.example"],
    ["ws://example.com"],
    ["https://user@example.com"],
    [Array.from({ length: 65 }, () => "same")],
  ])("refuses %p", (raw) => {
    expect(v.safeParse(schema, raw).success).toBe(false);
  });
});
