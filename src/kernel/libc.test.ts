import { describe, expect, test } from "bun:test";

import { cString, lastErrorName, libc } from "./libc.ts";

describe("libc", () => {
  test("calls the C library of this machine", () => {
    expect(libc().getppid()).toBe(process.ppid);
  });

  test("names the error of a call that failed", () => {
    expect(libc().close(-1)).toBe(-1);
    expect(lastErrorName()).toBe("EBADF");
    expect(libc().socket(-1, -1, -1)).toBe(-1);
    expect(lastErrorName()).toMatch(/^E(?:AFNOSUPPORT|INVAL)$/);
  });

  test("ends strings with a zero byte", () => {
    expect([...cString("é")]).toEqual([0xc3, 0xa9, 0]);
  });
});
