import { describe, expect, test } from "bun:test";
import { closeSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { TemporaryDirectory } from "../../test/support/temporary-directory.ts";
import { assertNoLeaks, snapshot } from "../../test/support/leak-check.ts";
import { RootDirectory, type SymlinkPolicy } from "./root-directory.ts";

/** A root with links of every kind, and a secret beside it. */
class Tree extends TemporaryDirectory {
  readonly root: string = this.at("root");

  constructor() {
    super({ secret: "secret", "root/a.txt": "a", "root/sub/deep/b.txt": "b" });
    symlinkSync("a.txt", join(this.root, "inside"));
    symlinkSync("../../a.txt", join(this.root, "sub", "deep", "climbing"));
    symlinkSync("../secret", join(this.root, "outside"));
    symlinkSync(join(this.path, "secret"), join(this.root, "absolute"));
    symlinkSync("sub", join(this.root, "directory"));
    symlinkSync("loop", join(this.root, "loop"));
  }
}

function read(root: RootDirectory, path: string): string {
  const fd = root.open(path);
  if (typeof fd === "string") return fd;
  try {
    return readFileSync(fd, "utf8");
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  } finally {
    closeSync(fd);
  }
}

describe.each([
  ["with openat2", true],
  ["component by component", false],
])("RootDirectory %s", (_, hasOpenat2) => {
  const open = (tree: Tree, policy: SymlinkPolicy) => new RootDirectory(tree.root, policy, { hasOpenat2 });

  test.each(["beneath", "refuse", "follow"] as const)("opens plain files (%s)", (policy) => {
    using tree = new Tree();
    using root = open(tree, policy);
    expect(read(root, "a.txt")).toBe("a");
    expect(read(root, "sub/deep/b.txt")).toBe("b");
    expect(read(root, "missing")).toBe("ENOENT");
    expect(read(root, "a.txt/more")).toBe("ENOTDIR");
    expect(read(root, "sub")).toBe("EISDIR");
    expect(read(root, "")).toBe("EISDIR");
    expect(read(root, "x".repeat(300))).toBe("ENAMETOOLONG");
  });

  test("goes nowhere else, whatever the links say", () => {
    using tree = new Tree();
    using root = open(tree, "beneath");
    for (const path of ["outside", "absolute", "loop"]) expect(read(root, path)).toMatch(/^(?:EXDEV|ELOOP)$/);
    expect(read(root, "../secret")).toBe("EXDEV");
  });

  test("refuses every link when asked to", () => {
    using tree = new Tree();
    using root = open(tree, "refuse");
    for (const path of ["inside", "outside", "absolute", "loop"]) expect(read(root, path)).toBe("ELOOP");
    expect(read(root, "directory/deep/b.txt")).toMatch(/^(?:ELOOP|ENOTDIR)$/);
  });

  test("follows every link when asked to", () => {
    using tree = new Tree();
    using root = open(tree, "follow");
    expect(["inside", "outside", "absolute"].map((path) => read(root, path))).toEqual(["a", "secret", "secret"]);
    expect(read(root, "loop")).toBe("ELOOP");
  });

  test("a directory that becomes a link meanwhile is no way out", () => {
    using tree = new Tree();
    using root = open(tree, "beneath");
    const [directory, link] = [join(tree.root, "sub"), join(tree.root, "swap")];
    for (let round = 0; round < 50; round++) {
      renameSync(directory, join(tree.path, "kept"));
      symlinkSync(tree.path, directory);
      expect(read(root, "sub/secret")).not.toBe("secret");
      renameSync(directory, link);
      renameSync(join(tree.path, "kept"), directory);
      expect(read(root, "sub/deep/b.txt")).toBe("b");
      rmSync(link);
    }
  });

  test("leaves no descriptor open", async () => {
    using tree = new Tree();
    const before = snapshot();
    for (let round = 0; round < 20; round++) {
      using root = open(tree, "beneath");
      for (const path of ["a.txt", "sub/deep/b.txt", "sub/missing/b.txt", "outside", "a.txt/x"]) read(root, path);
    }
    await assertNoLeaks(before);
  });
});

describe("RootDirectory with openat2", () => {
  test("goes through links that stay inside", () => {
    using tree = new Tree();
    using root = new RootDirectory(tree.root, "beneath");
    expect(read(root, "inside")).toBe("a");
    expect(read(root, "sub/deep/climbing")).toBe("a");
    expect(read(root, "directory/deep/b.txt")).toBe("b");
  });

  test("names what is wrong with the directory itself", () => {
    expect(() => new RootDirectory("/nonexistent/root", "beneath")).toThrow("ENOENT");
    expect(() => new RootDirectory("/proc/self/exe", "beneath")).toThrow("ENOTDIR");
  });
});
