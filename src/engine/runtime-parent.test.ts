import { afterEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findRuntimeParent, RuntimeDirectoryError } from "./runtime-parent.ts";

const roots: string[] = [];

afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

function createRoot(): string {
  const root = mkdtempSync(join(realpathSync(tmpdir()), "vr-"));
  roots.push(root);
  return root;
}

describe("findRuntimeParent", () => {
  test("makes the configured directory where it is missing", () => {
    const path = join(createRoot(), "a/b");
    expect(findRuntimeParent(path)).toBe(path);
    expect(statSync(path).isDirectory()).toBe(true);
  });

  test("resolves links, so that nobody can turn them elsewhere later", () => {
    const root = createRoot();
    mkdirSync(join(root, "real"));
    symlinkSync(join(root, "real"), join(root, "link"));
    expect(findRuntimeParent(join(root, "link"))).toBe(join(root, "real"));
  });

  test.each([
    ["a directory that others may write to", 0o777],
    ["a directory that its group may write to", 0o770],
  ])("refuses %s", (_, mode) => {
    const root = createRoot();
    chmodSync(root, mode);
    expect(() => findRuntimeParent(root)).toThrow(RuntimeDirectoryError);
  });

  test("takes a sticky directory, where nobody can move what others own", () => {
    const root = createRoot();
    chmodSync(root, 0o1777);
    expect(findRuntimeParent(root)).toBe(root);
  });

  test("refuses a file, and what is below one", () => {
    const file = join(createRoot(), "file");
    writeFileSync(file, "");
    expect(() => findRuntimeParent(file)).toThrow(/^Cannot use runtime_dir .*\/file: /);
    expect(() => findRuntimeParent(join(file, "below"))).toThrow(/ENOTDIR/);
  });

  test("finds a place by itself", () => {
    expect(statSync(findRuntimeParent(null)).isDirectory()).toBe(true);
  });
});
