import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";

import { limitProcess, NO_LIMITS } from "./process-limits.ts";
import { SystemCallError } from "./system-call-error.ts";

/** A process that does nothing until it is killed. */
function sleeper(): Disposable & { readonly pid: number } {
  const child = Bun.spawn(["sleep", "60"], { stdio: ["ignore", "ignore", "ignore"] });
  return { pid: child.pid, [Symbol.dispose]: () => child.kill("SIGKILL") };
}

function limitsOf(pid: number): string {
  return readFileSync(`/proc/${pid}/limits`, "latin1");
}

describe("limitProcess", () => {
  test("bounds descriptors and address space, both soft and hard, and lowers the priority", () => {
    using child = sleeper();
    limitProcess(child.pid, { openFileCountMax: 77, addressSpaceBytesMax: 1 << 30, niceness: 19 });
    const limits = limitsOf(child.pid);
    expect(limits).toMatch(/^Max open files +77 +77 /m);
    expect(limits).toMatch(/^Max address space +1073741824 +1073741824 /m);
    const stat = readFileSync(`/proc/${child.pid}/stat`, "latin1");
    expect(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16]).toBe("19"); // proc(5): field 19
  });

  test("leaves what is 0 as it is", () => {
    using child = sleeper();
    const before = limitsOf(child.pid);
    limitProcess(child.pid, NO_LIMITS);
    expect(limitsOf(child.pid)).toBe(before);
  });

  test("says when the kernel refuses", () => {
    const gone = Bun.spawnSync(["true"]).pid;
    expect(() => limitProcess(gone, { ...NO_LIMITS, openFileCountMax: 77 })).toThrow(SystemCallError);
    expect(() => limitProcess(gone, { ...NO_LIMITS, niceness: 1 })).toThrow(SystemCallError);
  });
});
