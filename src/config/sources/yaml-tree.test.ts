import { describe, expect, test } from "bun:test";
import { parseYamlTree, type YamlNode } from "./yaml-tree.ts";

/** A node as plain values, empty as null. */
function simplify(node: YamlNode | null): unknown {
  switch (node?.kind) {
    case "text":
      return node.text;
    case "list":
      return node.items.map(simplify);
    case "map":
      return Object.fromEntries(node.entries.map(({ key, value }) => [key, simplify(value)]));
    default:
      return null;
  }
}

function faultsOf(text: string): readonly string[] {
  const { root, faults } = parseYamlTree(text);
  expect(root === null || faults.length === 0).toBe(true);
  return faults.map(({ position, state }) => `${position.line}:${position.column} ${state}`);
}

describe("parseYamlTree", () => {
  test("keeps every scalar as it is written", () => {
    const text =
      'version: 8.10\nzip: 01234\nswitch: yes\nhex: 0x10\ntruth: true\nquoted: "a\\tb"\nfolded: >-\n  a\n  b\n';
    expect(simplify(parseYamlTree(text).root)).toEqual({
      version: "8.10",
      zip: "01234",
      switch: "yes",
      hex: "0x10",
      truth: "true",
      quoted: "a\tb",
      folded: "a b",
    });
  });

  test.each([
    ["a:\n", null],
    ["a: ~\n", null],
    ["a: null\n", null],
    ['a: ""\n', ""],
    ["a: 'null'\n", "null"],
  ])("tells empty from text in %j", (text, expected) => {
    expect(simplify(parseYamlTree(text).root)).toEqual({ a: expected });
  });

  test.each(["", "\n", "# nothing\n", "---\n", "\ufeff"])("finds nothing in %j", (text) => {
    expect(faultsOf(text)).toEqual([]);
    expect(simplify(parseYamlTree(text).root)).toBeNull();
  });

  test("gives keys and values their places", () => {
    const { root } = parseYamlTree("server:\r\n  port:   80\r\n");
    if (root?.kind !== "map") throw new Error("no map");
    const [server] = root.entries;
    expect(server?.position).toEqual({ line: 1, column: 1 });
    if (server?.value.kind !== "map") throw new Error("no map");
    expect(server.value.entries[0]?.position).toEqual({ line: 2, column: 3 });
    expect(server.value.entries[0]?.value.position).toEqual({ line: 2, column: 11 });
  });

  test("follows aliases to the place of their anchor", () => {
    const { root } = parseYamlTree("a: &here 1\nb: *here\n");
    expect(simplify(root)).toEqual({ a: "1", b: "1" });
    expect(root?.kind === "map" && root.entries[1]?.value.position).toEqual({ line: 1, column: 10 });
  });

  test.each([
    ["a: [1, 2\nb: }\nc: 'x\n", [2, 3]],
    ["a: b: c\n", [1]],
    ["\ta: 1\n", [1]],
    ["a: @x\nb: 1\nc: `y\n", [1, 3]],
    ["a: 1\n---\nb: 2\n", [2]],
    ["a: !!int 1\n", [1]],
    ["a: !custom x\n", [1]],
    ["a: !!binary aGk=\n", [1]],
    ["a: *nowhere\n", [1]],
    ["a: 1\n[b]: 2\n{c: d}: 3\n", [2, 3]],
    ["a: ok\nb: {c: ${D}}\n", [2]],
  ])("finds the lines at fault in %j", (text, lines) => {
    expect(faultsOf(text).map((fault) => Number(fault.split(":")[0]))).toEqual([...lines]);
  });

  test("keeps repeated keys for the reader to judge", () => {
    const { root } = parseYamlTree("a: 1\na: 2\n");
    expect(root?.kind === "map" && root.entries.map(({ key }) => key)).toEqual(["a", "a"]);
  });

  test("stops an alias bomb", () => {
    const levels = Array.from(
      { length: 9 },
      (_, level) => `l${level + 1}: &l${level + 1} [${Array(9).fill(`*l${level}`).join(", ")}]\n`,
    );
    expect(faultsOf(`l0: &l0 x\n${levels.join("")}`).join()).toContain("more than 10000 values");
  });

  test("stops an alias that holds itself", () => {
    expect(faultsOf("a: &a [*a]\n").join()).toContain("nested deeper than 32");
  });

  test("allows as many values and levels as it says, and no more", () => {
    const list = (count: number) => `[${Array(count).fill("x").join(",")}]`;
    expect(faultsOf(list(9_999))).toEqual([]);
    expect(faultsOf(list(10_000))).toHaveLength(1);
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(faultsOf(nested(33))).toEqual([]);
    expect(faultsOf(nested(34))).toHaveLength(1);
  });

  test("reports at most 20 faults", () => {
    expect(faultsOf("a: @\n".repeat(100))).toHaveLength(20);
  });

  test("says once that there is too much, and does so for what the library cannot follow", () => {
    const keys = Array.from({ length: 10_100 }, (_, index) => `k${index}: 1\n`).join("");
    expect(faultsOf(keys)).toEqual([expect.stringContaining("more than 10000 values")]);
    expect(faultsOf("[".repeat(20_000))).toEqual([expect.stringContaining("nested deeper than 32")]);
  });

  test("shows of the file only what fits a line of a terminal", () => {
    expect(faultsOf("%a\x1b[2J\n---\na: 1\n").join()).toContain("\\u{1b}[2J");
    for (const fault of faultsOf(`!${"a".repeat(10_000)}: 1\n`)) expect(fault.length).toBeLessThan(250);
    expect(faultsOf("a: 1\n---\nb: 2\n").join()).toContain("more than one document");
  });

  const LENGTH = 128 * 1024;
  test.each([
    ["brackets", "[".repeat(LENGTH)],
    ["braces", "{".repeat(LENGTH)],
    ["dashes", "- ".repeat(LENGTH / 2)],
    ["question marks", "? ".repeat(LENGTH / 2)],
    ["colons", "a: ".repeat(LENGTH / 3)],
    ["quotes", "'\n".repeat(LENGTH / 2)],
    ["keys", Array.from({ length: 50_000 }, (_, index) => `k${index}: 1\n`).join("")],
    ["aliases", `a: &a x\nb: [${Array(40_000).fill("*a").join(",")}]\n`],
    ["anchors", "&a ".repeat(LENGTH / 3)],
    ["controls", "\0".repeat(LENGTH)],
  ])("comes back from a file full of %s", (_name, text) => {
    const { root, faults } = parseYamlTree(text);
    expect(root === null || faults.length === 0).toBe(true);
  });
});
