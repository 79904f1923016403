import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BodyOwner } from "./body-owner.ts";

/** Everybody may give to themselves; root gives to anybody. */
const [USER, GROUP] = process.getuid!() === 0 ? [54_321, 54_322] : [process.getuid!(), process.getgid!()];

test("A body's file becomes the user's, in a directory of that user's own", () => {
  const parent = mkdtempSync(join(tmpdir(), "vb-"));
  try {
    const identity = { userId: USER, groupId: GROUP, groupIds: [GROUP], userName: null, homeDirectory: null };
    const owner = new BodyOwner(parent, identity);
    const file = join(parent, "vilya-body-1");
    writeFileSync(file, "content", { mode: 0o600 });
    const given = new BodyOwner(parent, identity).give(file);
    expect([existsSync(file), readFileSync(given, "utf8"), statSync(given).uid]).toEqual([false, "content", USER]);
    expect(statSync(given).mode & 0o777).toBe(0o600);
    const { uid, mode } = statSync(join(parent, String(USER)));
    expect([uid, mode & 0o777]).toEqual([USER, 0o700]);
    expect(() => owner.give(join(parent, "gone"))).toThrow("ENOENT");
  } finally {
    rmSync(parent, { recursive: true });
  }
});
