import { describe, expect, test } from "bun:test";
import { buildRequestHead } from "../../../test/support/build-request-head.ts";
import { AllowedOrigins } from "./allowed-origins.ts";

function allows(entries: readonly string[], origins: readonly string[], authority = "chat.example"): boolean {
  const fields = origins.map((origin) => ["Origin", origin] as const);
  const head = buildRequestHead({ method: "GET", target: "/", path: "/", query: "", authority, fields });
  return new AllowedOrigins(entries).allow(head);
}

describe("AllowedOrigins", () => {
  test("lets in who is no browser, whatever is configured", () => {
    expect(allows(["same"], [])).toBe(true);
    expect(allows(["https://a.example"], [])).toBe(true);
  });

  test.each([
    ["https://chat.example", "chat.example", true],
    ["http://chat.example", "chat.example", true],
    ["https://CHAT.example", "Chat.Example", true],
    ["https://chat.example", "chat.example:443", true],
    ["http://chat.example:8080", "chat.example:8080", true],
    ["http://[::1]:8080", "[::1]:8080", true],
    ["https://chat.example:8443", "chat.example", false],
    ["http://chat.example", "chat.example:443", false],
    ["https://evil.example", "chat.example", false],
    ["https://chat.example.evil.example", "chat.example", false],
    ["https://chat.example@evil.example", "chat.example", false],
    ["null", "chat.example", false],
    ["", "", false],
    ["file://chat.example", "chat.example", false],
  ])("takes %p at %p for the same: %p", (origin, authority, isAllowed) => {
    expect(allows(["same"], [origin], authority)).toBe(isAllowed);
  });

  test.each([
    ["https://app.example", "https://app.example", true],
    ["https://app.example", "http://app.example", false],
    ["https://app.example", "https://app.example:444", false],
    ["https://*.app.example", "https://a.app.example", true],
    ["https://*.app.example", "https://a.b.app.example", true],
    ["https://*.app.example", "https://app.example", false],
    ["https://*.app.example", "https://.app.example", false],
    ["https://*.app.example", "https://evilapp.example", false],
    ["https://*.app.example:8443", "https://a.app.example:8443", true],
    ["null", "null", true],
    ["*", "https://evil.example", true],
  ])("with %p lets in %p: %p", (entry, origin, isAllowed) => {
    expect(allows([entry], [origin])).toBe(isAllowed);
  });

  test("believes none of several origins", () => {
    expect(allows(["same"], ["https://chat.example", "https://chat.example"])).toBe(false);
  });
});
