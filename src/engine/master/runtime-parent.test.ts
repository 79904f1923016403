import { afterEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
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
    expect(findRuntimeParent({ configured: path, session: undefined })).toBe(path);
    expect(statSync(path).isDirectory()).toBe(true);
  });

  test("resolves links, so that nobody can turn them elsewhere later", () => {
    const root = createRoot();
    mkdirSync(join(root, "real"));
    symlinkSync(join(root, "real"), join(root, "link"));
    expect(findRuntimeParent({ configured: join(root, "link"), session: undefined })).toBe(join(root, "real"));
  });

  test.each([
    ["a directory that others may write to", 0o777],
    ["a directory that its group may write to", 0o770],
  ])("refuses %s", (_, mode) => {
    const root = createRoot();
    chmodSync(root, mode);
    expect(() => findRuntimeParent({ configured: root, session: undefined })).toThrow(RuntimeDirectoryError);
  });

  test("takes a sticky directory, where nobody can move what others own", () => {
    const root = createRoot();
    chmodSync(root, 0o1777);
    expect(findRuntimeParent({ configured: root, session: undefined })).toBe(root);
  });

  test("refuses a file, and what is below one", () => {
    const file = join(createRoot(), "file");
    writeFileSync(file, "");
    expect(() => findRuntimeParent({ configured: file, session: undefined })).toThrow(
      /^Cannot use runtime_dir .*\/file: /,
    );
    expect(() => findRuntimeParent({ configured: join(file, "below"), session: undefined })).toThrow(/ENOTDIR/);
  });

  test("prefers the session's place where nothing is configured", () => {
    const session = createRoot();
    expect(findRuntimeParent({ configured: null, session })).toBe(session);
  });

  test.each([undefined, "", "relative", "/no/such/directory"])(
    "finds a place by itself where the session's is %p",
    (session) => {
      const found = findRuntimeParent({ configured: null, session });
      expect(isAbsolute(found) && statSync(found).isDirectory()).toBe(true);
    },
  );
});
