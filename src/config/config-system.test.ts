import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { currentSystem } from "./config-system.ts";

describe("currentSystem", () => {
  const system = currentSystem();

  test("tells what stands at a path", () => {
    const folder = mkdtempSync(join(tmpdir(), "vilya-system-"));
    try {
      const file = join(folder, "file");
      writeFileSync(file, "text", { mode: 0o600 });
      expect(system.kindOf(file)).toBe("file");
      expect(system.kindOf(folder)).toBe("directory");
      expect(system.kindOf("/dev/null")).toBe("other");
      expect(system.kindOf(join(folder, "none"))).toBe("missing");
      expect(system.kindOf(join(file, "below-a-file"))).toBe("missing");
      expect(system.sizeOf(file)).toBe(4);
      expect(new TextDecoder().decode(system.read(file))).toBe("text");
      expect(system.mayUse(file, "read")).toBe(true);
      expect(system.mayUse(file, "execute")).toBe(false);
      expect(system.mayUse(join(folder, "none"), "read")).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("knows where it is and how many CPUs it may use", () => {
    expect(system.cwd).toBe(process.cwd());
    expect(system.cpuCount).toBeGreaterThanOrEqual(1);
    expect(system.environment.PATH).toBe(process.env.PATH);
  });
});
