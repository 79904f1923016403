import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findH2spec } from "./h2spec.mjs";

test("h2spec is found in PATH and where Go puts programs, if it may be run", () => {
  const home = mkdtempSync(join(tmpdir(), "vilya-h2spec-"));
  try {
    const folder = join(home, "go/bin");
    const program = join(folder, "h2spec");
    mkdirSync(folder, { recursive: true });
    expect(findH2spec({ HOME: home })).toBeNull();
    writeFileSync(program, "", { mode: 0o644 });
    expect(findH2spec({ HOME: home })).toBeNull();
    chmodSync(program, 0o755);
    expect(findH2spec({ HOME: home })).toBe(program);
    expect(findH2spec({ HOME: "/dev/null", PATH: `/dev/null:${folder}` })).toBe(program);
    expect(findH2spec({ HOME: "/dev/null", GOPATH: join(home, "go") })).toBe(program);
  } finally {
    rmSync(home, { recursive: true });
  }
});
