import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const repository = join(import.meta.dir, "..", "..");
const vectors = join(repository, "spec", "vectors", "worker");
const page = readFileSync(join(repository, "docs", "reference", "wire.md"), "utf8");

describe("docs/reference/wire.md", () => {
  test("states every requirement that a vector shows", () => {
    const files = readdirSync(vectors).filter((name) => name.endsWith(".json"));
    const shown = files.flatMap(
      (name) => readFileSync(join(vectors, name), "utf8").match(/"requirement": "[^"]+"/g) ?? [],
    );
    const missing = [...new Set(shown)].filter((member) => !page.includes(`- **${/W\d+\.\d+/.exec(member)?.[0]}** `));
    expect(files.length).toBeGreaterThan(0);
    expect(missing).toEqual([]);
  });

  test("numbers each requirement once, in order", () => {
    const numbers = Array.from(
      page.matchAll(/^- \*\*W(\d+)\.(\d+)\*\* /gm),
      ([, level, number]) => Number(level) * 1000 + Number(number),
    );
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
  });

  test("explains every code that retires a worker, and no other", () => {
    const sources = ["protocols/worker/worker-protocol-error.ts", "workers/worker-link-error.ts"];
    const codes = sources.flatMap(
      (path) => readFileSync(join(repository, "src", path), "utf8").match(/VILYA_WORKER_[A-Z_]+/g) ?? [],
    );
    const explained = Array.from(page.matchAll(/^\| `(VILYA_[A-Z_]+)` \|/gm), ([, code]) => code ?? "");
    expect(explained.toSorted()).toEqual(codes.toSorted());
  });
});
