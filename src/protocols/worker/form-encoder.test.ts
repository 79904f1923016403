import { describe, expect, test } from "bun:test";
import { encodeForm } from "./form-encoder.ts";

const field = (name: string, value: string) => ({
  name: Buffer.from(name, "latin1"),
  value: Buffer.from(value, "latin1"),
});

describe("encodeForm", () => {
  test("groups values by names, which differ where their bytes do", () => {
    const fields = [field("a", "1"), field("\xff", "2"), field("a", "3"), field("\xfe", "")];
    expect(encodeForm({ fields, files: [] }).toString("latin1")).toBe(
      "\xa4form\x83\xa1a\x92\xa11\xa13\xa1\xff\x91\xa12\xa1\xfe\x91\xa0\xa5files\x90",
    );
  });

  test("keeps fields that are called as objects' own are", () => {
    const encoded = encodeForm({ fields: [field("__proto__", "1"), field("constructor", "2")], files: [] });
    expect(encoded.toString("latin1")).toContain("\xa9__proto__\x91\xa11\xabconstructor\x91\xa12");
  });

  test("writes forms of a megabyte, and small ones behind them", () => {
    const large = encodeForm({ fields: [field("a", "x".repeat(1_000_000))], files: [] });
    expect(large.length).toBeGreaterThan(1_000_000);
    expect(encodeForm({ fields: [], files: [] }).toString("latin1")).toBe("\xa4form\x80\xa5files\x90");
  });
});
