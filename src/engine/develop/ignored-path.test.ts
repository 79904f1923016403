import { describe, expect, test } from "bun:test";

import { isIgnoredPath, isSourcePath } from "./ignored-path.ts";

describe("isIgnoredPath", () => {
  test.each([
    "node_modules/a/index.js",
    "packages/a/node_modules",
    "vendor/autoload.php",
    ".git/index",
    "app/__pycache__/main.cpython-312.pyc",
    "storage/framework/views/a.php",
    "src/.main.ts.swp",
    "src/main.ts~",
    "src/.#main.ts",
    "src/#main.ts#",
    "src/4913",
    "src/main.ts___jb_tmp___",
    "main.ts.tmp",
    "app.log",
    "data.sqlite3-wal",
  ])("is true for %s", (path) => expect(isIgnoredPath(path)).toBe(true));

  test.each(["src", "src/main.ts", "src/variant/a.ts", "src/vendors.php", "templates/page.html", ".env"])(
    "is false for %s",
    (path) => expect(isIgnoredPath(path)).toBe(false),
  );
});

describe("isSourcePath", () => {
  test.each([
    "a/main.ts",
    "a/x.mjs",
    "a/x.tsx",
    "index.php",
    "x.blade.php",
    "app.py",
    "page.html",
    ".env",
    "a/.env.local",
    "c.yaml",
  ])("is true for %s", (path) => expect(isSourcePath(path)).toBe(true));

  test.each(["out.txt", "upload.png", "report.csv", "a.envelope", "php", "README"])("is false for %s", (path) =>
    expect(isSourcePath(path)).toBe(false),
  );
});
