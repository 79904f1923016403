import { describe, expect, test } from "bun:test";

import { loadText, problemsOf } from "../../../test/support/config-text.ts";
import type { Config } from "../config.ts";

const SITE = { "public/index.html": "", "files/a.txt": "" };

function load(yaml: string): Config {
  return loadText({ yaml, files: SITE }).config;
}

function refused(yaml: string): readonly string[] {
  return problemsOf({ yaml, files: SITE }).map(({ message }) => message);
}

describe("static", () => {
  test("is off without a root", () => {
    expect(load("runtime: stub\n").apps[0]?.static).toBeNull();
  });

  test("serves a folder before the app, with the defaults filled in", () => {
    expect(load("runtime: stub\nstatic: {root: public}\n").apps[0]?.static).toEqual({
      root: "/app/public",
      prefix: "",
      indexNames: ["index.html"],
      fallbackPath: null,
      showsListing: false,
      precompressed: ["br", "zstd", "gzip"],
      cacheRules: [],
      deniedPatterns: ["*.php", "*.php[0-9]", "*.phtml", "*.phar", "*.py", "*.pyc"],
      symlinks: "beneath",
      cacheBytesMax: 32 * 1024 * 1024,
      cachedFileBytesMax: 64 * 1024,
      revalidateMs: 1_000,
    });
  });

  test("is an action of a route, where no app has to be", () => {
    const { apps, routes } = load(`routes:
  - path: /files/*
    static:
      root: files
      strip_prefix: /files
      fallback: /index.html
      precompressed: gzip
      cache_control: { "*.html": no-cache, "assets/**": "max-age=60" }
`);
    expect(apps).toEqual([]);
    expect(routes[0]?.action).toMatchObject({
      kind: "static",
      files: {
        root: "/app/files",
        prefix: "/files",
        fallbackPath: "index.html",
        precompressed: ["gzip"],
        cacheRules: [
          { pattern: "*.html", value: "no-cache" },
          { pattern: "assets/**", value: "max-age=60" },
        ],
      },
    });
  });

  test.each([
    [
      "runtime: stub\nstatic: {root: gone}\n",
      "Cannot use static.root: /app/gone is not a directory this user may look into, an existing one is allowed",
    ],
    [
      "routes:\n  - static: {root: public/index.html}\n",
      "Cannot use routes[0].static.root: /app/public/index.html is not a directory this user may look into, an existing one is allowed",
    ],
    [
      "runtime: stub\nroutes:\n  - {app: default, static: {root: public}}\n",
      "Cannot use routes[0]: it has app and static, one of them is allowed",
    ],
    [
      "routes:\n  - static: {index: [a.html]}\n",
      "Cannot use routes[0]: it leads nowhere, one of app, static, redirect, rewrite, respond, proxy is allowed",
    ],
    [
      "runtime: stub\nstatic: {root: public, strip_prefix: /a/}\n",
      'Cannot use static.strip_prefix: it is "/a/", a path that ends before a slash is allowed',
    ],
    [
      "runtime: stub\nstatic: {root: public, precompressed: [deflate]}\n",
      'Cannot use static.precompressed: it is ["deflate"], a list of br, zstd and gzip is allowed',
    ],
    [
      "runtime: stub\nstatic: {root: public, index: [../secret]}\n",
      'Cannot use static.index: it is ["../secret"], a list of file names is allowed',
    ],
    [
      'runtime: stub\nstatic: {root: public, cache_control: {"*.a": "no-cache\\r\\nSet-Cookie: a=b"}}\n',
      'Cannot use static.cache_control.*.a: it is "no-cache\\r\\nSet-Cookie: a=b", one line of ASCII text is allowed',
    ],
  ])("refuses %j", (yaml, message) => {
    expect(refused(yaml)).toContain(message);
  });
});
