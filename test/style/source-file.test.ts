import { describe, expect, test } from "bun:test";
import { findOffences, parseSourceFile } from "./source-file.ts";

const SAMPLE = `import { a } from "./a.ts"; // process.env in a comment
import type { B, C } from "../b/c.ts";
import "node:net";
export { d } from "yaml";
/* setTimeout(
   in a comment */
const url = "https://process.env/"; const e = await import("./e.ts");
const shown = \`process.env \\\` \${1}\`;
process.env.HOME;
`;

describe("parseSourceFile", () => {
  const file = parseSourceFile("src/kernel/sample.ts", SAMPLE);

  test("finds every import with its line, type-only and dynamic ones included", () => {
    expect(file.imports.map(({ line, specifier, path }) => [line, specifier, path])).toEqual([
      [1, "./a.ts", "src/kernel/a.ts"],
      [2, "../b/c.ts", "src/b/c.ts"],
      [3, "node:net", undefined],
      [4, "yaml", undefined],
      [7, "./e.ts", "src/kernel/e.ts"],
    ]);
  });

  test("keeps code and blanks comments and strings, line for line", () => {
    expect(findOffences(file, file.code, /process\.env/g, "no")).toEqual(["src/kernel/sample.ts:9: process.env: no"]);
    expect(file.code).not.toContain("setTimeout");
    expect(file.code.split("\n").length).toBe(SAMPLE.split("\n").length);
  });
});
