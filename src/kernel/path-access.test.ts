import { afterEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findClosedDirectory } from "./path-access.ts";

const roots: string[] = [];

afterEach(() => {
  for (const root of roots.splice(0)) {
    chmodSync(root, 0o700); // Who is not root could not remove what is in it.
    rmSync(root, { recursive: true, force: true });
  }
});

/** A directory of this mode, and one in it that everybody may enter. */
function nested(mode: number): {
  readonly outer: string;
  readonly inner: string;
  readonly uid: number;
  readonly gid: number;
} {
  const outer = mkdtempSync(join(realpathSync(tmpdir()), "pa-"));
  const inner = join(outer, "inner");
  roots.push(outer);
  mkdirSync(inner);
  chmodSync(inner, 0o777);
  chmodSync(outer, mode);
  const { uid, gid } = statSync(outer);
  return { outer, inner, uid, gid };
}

const STRANGER = { userId: 54_321, groupIds: [54_321] };

describe("findClosedDirectory", () => {
  test("finds nothing on an open way, and the directory that closes one", () => {
    expect(findClosedDirectory(nested(0o711).inner, STRANGER)).toBeNull();
    const { outer, inner } = nested(0o766);
    expect(findClosedDirectory(inner, STRANGER)).toBe(outer);
  });

  test("looks at what holds for the group of a member, whatever holds for others", () => {
    const { outer, inner, gid } = nested(0o701);
    expect(findClosedDirectory(inner, { userId: 54_321, groupIds: [54_321, gid] })).toBe(outer);
    chmodSync(outer, 0o710);
    expect(findClosedDirectory(inner, { userId: 54_321, groupIds: [gid] })).toBeNull();
  });

  test("lets root through everything", () => {
    expect(findClosedDirectory(nested(0o600).inner, { userId: 0, groupIds: [0] })).toBeNull();
  });

  test("follows links to where the way really goes", () => {
    const { outer, inner } = nested(0o700);
    const link = join(nested(0o711).inner, "link");
    symlinkSync(inner, link);
    expect(findClosedDirectory(link, STRANGER)).toBe(outer);
  });
});
