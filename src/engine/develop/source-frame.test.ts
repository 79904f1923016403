import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { findSourceFrame } from "./source-frame.ts";

describe("findSourceFrame", () => {
  const folder = mkdtempSync(join(tmpdir(), "vilya-frame-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const source = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`).join("\n");
  for (const name of ["node_modules", "lib"]) mkdirSync(join(folder, name));
  for (const name of ["app.ts", "app.php", "app.py", "lib/b.py", "node_modules/a.js"])
    writeFileSync(join(folder, name), source);

  test.each([
    ["JavaScript", `Error: x\n    at fetch (${folder}/app.ts:3:40)\n    at ${folder}/app.ts:9:1`, "app.ts", 3],
    ["a module's address", `Error\n    at file://${folder}/app.ts:7:1`, "app.ts", 7],
    ["PHP", `TypeError: x in ${folder}/app.php:12\n#0 ${folder}/app.php(4): f()`, "app.php", 12],
    ["a PHP frame", `#0 ${folder}/app.php(4): f()`, "app.php", 4],
    ["a fatal error of PHP", `PHP Parse error: x in ${folder}/app.php on line 5`, "app.php", 5],
    ["Python", `  File "${folder}/app.py", line 2, in f\n  File "${folder}/lib/b.py", line 20, in g`, "lib/b.py", 20],
    ["packages before", `at ${folder}/node_modules/a.js:1:1\nat ${folder}/app.ts:1:1`, "app.ts", 1],
  ])("finds the app's own line in a stack of %s", (_, stack, path, line) => {
    const frame = findSourceFrame(stack, [folder]);
    expect(frame).toMatchObject({ path, line });
    expect(frame?.lines.find(({ number }) => number === line)?.text).toBe(`line ${line}`);
    expect(frame?.lines.length).toBeLessThanOrEqual(9);
  });

  test.each([
    ["elsewhere", "at /etc/passwd:1:1"],
    ["above", `at ${folder}/../../etc/passwd:1:1`],
    ["nowhere", `at ${folder}/gone.ts:1:1`],
    ["behind the end", `at ${folder}/app.ts:21:1`],
    ["no stack", "Something went wrong"],
  ])("finds nothing for %s", (_, stack) => {
    expect(findSourceFrame(stack, [folder])).toBeNull();
  });
});
