import { describe, expect, test } from "bun:test";
import { fakeConfigSystem, type FakeMachine } from "../../../test/support/fake-config-system.ts";
import { readConfigFile } from "./config-file.ts";
import { ConfigProblemsError } from "../problem.ts";

function refusal(named: string | null, machine: FakeMachine): string {
  try {
    readConfigFile(named, fakeConfigSystem(machine));
  } catch (error) {
    if (error instanceof ConfigProblemsError) return error.message;
    throw error;
  }
  throw new Error("the file was read");
}

describe("readConfigFile", () => {
  test.each([
    [["vilya.yaml", "vilya.yml", ".rr.yaml"], "vilya.yaml", 2],
    [["vilya.yml", ".rr.yaml"], "vilya.yml", 1],
    [[".rr.yaml"], ".rr.yaml", 0],
  ] as const)("of %j reads %s and warns of the others", (names, expected, warningCount) => {
    const files = Object.fromEntries(names.map((name) => [name, `name: ${name}`]));
    const file = readConfigFile(null, fakeConfigSystem({ files }));
    expect(file).toMatchObject({ path: `/app/${expected}`, label: expected, text: `name: ${expected}` });
    expect(file?.warnings).toHaveLength(warningCount);
  });

  test.each(["version: '3'\nhttp: {address: ':8080'}", "rpc: {}", "server: {command: php}\nhttp :\n  pool: {}"])(
    "leaves a file of RoadRunner's alone, and says so where there is no other: %j",
    (text) => {
      const files = { ".rr.yaml": text };
      expect(refusal(null, { files })).toBe(
        "Cannot read the configuration .rr.yaml: it is RoadRunner's own, a file with options of Vilya is allowed",
      );
      expect(refusal(".rr.yaml", { files })).toContain("it is RoadRunner's own");
      const both = readConfigFile(null, fakeConfigSystem({ files: { ...files, "vilya.yaml": "name: x" } }));
      expect(both).toMatchObject({ label: "vilya.yaml", warnings: [] });
    },
  );

  test("finds nothing where there is none", () => {
    expect(readConfigFile(null, fakeConfigSystem())).toBeNull();
  });

  test("reads the named file, before the one that VILYA_CONFIG names, before what is there", () => {
    const machine = {
      files: { "a.yaml": "a", "b.yaml": "b", "vilya.yaml": "c" },
      environment: { VILYA_CONFIG: "b.yaml" },
    };
    expect(readConfigFile("a.yaml", fakeConfigSystem(machine))?.text).toBe("a");
    expect(readConfigFile(null, fakeConfigSystem(machine))?.text).toBe("b");
    expect(readConfigFile(null, fakeConfigSystem({ ...machine, environment: { VILYA_CONFIG: "" } }))?.text).toBe("c");
  });

  test("calls a file by the shorter path", () => {
    const machine = { files: { "conf/a.yaml": "a", "/etc/vilya.yaml": "b", "/appendix.yaml": "c" } };
    expect(readConfigFile("/app/conf/a.yaml", fakeConfigSystem(machine))?.label).toBe("conf/a.yaml");
    expect(readConfigFile("../etc/vilya.yaml", fakeConfigSystem(machine))?.label).toBe("/etc/vilya.yaml");
    expect(readConfigFile("/appendix.yaml", fakeConfigSystem(machine))?.label).toBe("/appendix.yaml");
  });

  test("takes a byte order mark for nothing", () => {
    expect(readConfigFile("a", fakeConfigSystem({ files: { a: "\ufeffname: x" } }))?.text).toBe("name: x");
  });

  const MEBIBYTE = 1024 * 1024;
  test.each<[string, FakeMachine, string]>([
    ["a missing file", {}, "it does not exist"],
    ["a directory", { files: { "vilya.conf/x": "" } }, "it is a directory"],
    ["a pipe or device", { others: ["/app/vilya.conf"] }, "it is not a regular file"],
    [
      "a file of another user",
      { files: { "vilya.conf": "" }, forbidden: ["/app/vilya.conf"] },
      "it may not be read by this user",
    ],
    [
      "a file that is too large",
      { files: { "vilya.conf": "#".repeat(MEBIBYTE + 1) } },
      "it is larger than 1048576 bytes",
    ],
    ["Latin-1", { files: { "vilya.conf": new Uint8Array([0x6e, 0x3a, 0xe9]) } }, "it is not UTF-8 text"],
    ["UTF-16", { files: { "vilya.conf": new Uint8Array([0xff, 0xfe, 0x6e, 0x00]) } }, "it is not UTF-8 text"],
  ])("refuses %s", (_name, machine, state) => {
    expect(refusal("vilya.conf", machine)).toStartWith(`Cannot read the configuration vilya.conf: ${state}, `);
  });

  test("reads a file of exactly the largest size", () => {
    const files = { "vilya.conf": "#".repeat(MEBIBYTE) };
    expect(readConfigFile("vilya.conf", fakeConfigSystem({ files }))?.text).toHaveLength(MEBIBYTE);
  });

  test("refuses a file that fails while it is read", () => {
    const system = {
      ...fakeConfigSystem({ files: { "vilya.conf": "" } }),
      read() {
        throw new Error("EIO");
      },
    };
    expect(() => readConfigFile("vilya.conf", system)).toThrow("reading it failed (Error: EIO)");
  });
});
