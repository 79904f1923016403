import { describe, expect, test } from "bun:test";
import { TemporaryDirectory } from "../../test/support/temporary-directory.ts";
import { currentSystem } from "./config-system.ts";

describe("currentSystem", () => {
  const system = currentSystem();

  test("tells what stands at a path", () => {
    using folder = new TemporaryDirectory();
    const file = folder.write("file", "text");
    expect(system.kindOf(file)).toBe("file");
    expect(system.kindOf(folder.path)).toBe("directory");
    expect(system.kindOf("/dev/null")).toBe("other");
    expect(system.kindOf(folder.at("none"))).toBe("missing");
    expect(system.kindOf(folder.at("file/below-a-file"))).toBe("missing");
    expect(system.sizeOf(file)).toBe(4);
    expect(new TextDecoder().decode(system.read(file))).toBe("text");
    expect(system.mayUse(file, "read")).toBe(true);
    expect(system.mayUse(file, "execute")).toBe(false);
    expect(system.mayUse(folder.at("none"), "read")).toBe(false);
  });

  test("knows where it is and how many CPUs it may use", () => {
    expect(system.cwd).toBe(process.cwd());
    expect(system.cpuCount).toBeGreaterThanOrEqual(1);
    expect(system.environment.PATH).toBe(process.env.PATH);
  });
});
