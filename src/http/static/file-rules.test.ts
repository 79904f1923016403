import { describe, expect, test } from "bun:test";
import { quickestMs } from "../../../test/support/quickest-ms.ts";

import { FileRules, mediaTypeOf } from "./file-rules.ts";

const rules = new FileRules({
  deniedPatterns: ["*.php", "*.php[0-9]", "*.PHAR", "private/**"],
  cacheRules: [
    { pattern: "assets/**", value: "immutable" },
    { pattern: "*.html", value: "no-cache" },
    { pattern: "/é.txt", value: "accented" },
  ],
});

describe("FileRules", () => {
  test.each(["a.txt", ".well-known/acme-challenge/x", "a/b.c", "php", "a.php.txt", "public/private.txt"])(
    "%s is public",
    (path) => {
      expect(rules.isPublic(path)).toBe(true);
    },
  );

  test.each([
    ".env",
    ".git/config",
    "a/.htaccess",
    "a/.well-known/x",
    ".well-known/.secret",
    "...",
    "index.php",
    "INDEX.PhP",
    "a/b.php5",
    "x.phar",
    "private/a.txt",
    "Private/a/b.txt",
  ])("%s is not", (path) => {
    expect(rules.isPublic(path)).toBe(false);
  });

  test("the first cache rule that matches counts", () => {
    expect(rules.cacheControl("assets/a/b.html")).toBe("immutable");
    expect(rules.cacheControl("a/b.html")).toBe("no-cache");
    expect(rules.cacheControl(Buffer.from("é.txt").toString("latin1"))).toBe("accented");
    expect(rules.cacheControl("a.txt")).toBeNull();
  });
});

describe("patterns that would explode in a backtracking matcher", () => {
  const longName = "a".repeat(255);
  const deepPath = `${"a/".repeat(1_900)}c`;
  const stars = `${"*a".repeat(40)}b`;

  test.each([
    ["stars", stars, longName],
    ["folders", `${"**/a/".repeat(20)}b`, deepPath],
    ["stars below folders", `**/${stars}`, `${deepPath}/${longName}`],
    ["choices", `${"{a,aa,a*}".repeat(8)}b`, longName],
  ])("take their time once: %s", (_, pattern, path) => {
    const tookMs = quickestMs(() => {
      const hostile = new FileRules({ deniedPatterns: [pattern], cacheRules: [{ pattern, value: "no-store" }] });
      expect([hostile.isPublic(path), hostile.cacheControl(path)]).toEqual([true, null]);
    });
    expect(tookMs).toBeLessThan(500);
  });
});

describe("mediaTypeOf", () => {
  test.each([
    ["a.html", "text/html;charset=utf-8"],
    ["a/b.CSS", "text/css;charset=utf-8"],
    ["a.js", "text/javascript;charset=utf-8"],
    ["a.mjs", "text/javascript;charset=utf-8"],
    ["a.json", "application/json"],
    ["a.svg", "image/svg+xml;charset=utf-8"],
    ["a.png", "image/png"],
    ["a.woff2", "font/woff2"],
    ["a.wasm", "application/wasm"],
    ["a.gz", "application/gzip"],
    ["a.unknown", "application/octet-stream"],
    ["LICENSE", "application/octet-stream"],
    ["css", "application/octet-stream"],
    ["html/x", "application/octet-stream"],
  ])("%s: %s", (path, type) => {
    expect(mediaTypeOf(path)).toBe(type);
  });
});
