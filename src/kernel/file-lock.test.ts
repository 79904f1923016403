import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { tryLockFile } from "./file-lock.ts";

let directory = "";
beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), "vilya-lock-"))));
afterAll(() => rmSync(directory, { recursive: true }));

describe("tryLockFile", () => {
  test("creates a private file and keeps others out until it is disposed", () => {
    const path = join(directory, "a");
    const lock = tryLockFile(path, "create");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(tryLockFile(path, "open")).toBeNull();
    lock?.[Symbol.dispose]();
    lock?.[Symbol.dispose]();
    using again = tryLockFile(path, "open");
    expect(again).not.toBeNull();
  });

  test("insists on a new file to create and an old one to open", () => {
    using _lock = tryLockFile(join(directory, "b"), "create");
    expect(() => tryLockFile(join(directory, "b"), "create")).toThrow("EEXIST");
    expect(() => tryLockFile(join(directory, "c"), "open")).toThrow("ENOENT");
  });

  test("is released when its process is killed", async () => {
    const path = join(directory, "d");
    const program = `
      import { tryLockFile } from ${JSON.stringify(join(import.meta.dir, "file-lock.ts"))};
      globalThis.lock = tryLockFile(${JSON.stringify(path)}, "create");
      console.log("locked");
      setInterval(() => {}, 60_000);
    `;
    await using child = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe" });
    await child.stdout.getReader().read();
    expect(tryLockFile(path, "open")).toBeNull();
    child.kill("SIGKILL");
    await child.exited;
    using lock = tryLockFile(path, "open");
    expect(lock).not.toBeNull();
  });
});
