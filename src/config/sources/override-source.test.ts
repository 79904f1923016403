import { describe, expect, test } from "bun:test";
import { readOverrideSource } from "./override-source.ts";

describe("readOverrideSource", () => {
  test("finds the option or the entry that a key means, in the order given", () => {
    const { assignments, problems } = readOverrideSource([
      { key: "server.port", text: "1", flag: "--port" },
      { key: "php.ini.opcache.enable", text: "1", flag: "-o php.ini.opcache.enable" },
      { key: "server.port", text: "2", flag: "-o server.port" },
    ]);
    expect(problems).toEqual([]);
    expect(assignments.map(({ option, entryName, raw }) => [option.key, entryName, raw])).toEqual([
      ["server.port", null, "1"],
      ["php.ini", "opcache.enable", "1"],
      ["server.port", null, "2"],
    ]);
    expect(assignments[0]?.origin).toEqual({ kind: "flag", flag: "--port" });
  });

  test.each([
    [
      "server.prot",
      'Cannot use "server.prot": no option has this name, only documented ones are allowed',
      "did you mean server.port?",
    ],
    [
      "port",
      'Cannot use "port": no option has this name, only documented ones are allowed',
      "did you mean server.port?",
    ],
    [
      "zzzzzz",
      'Cannot use "zzzzzz": no option has this name, only documented ones are allowed',
      "try: vilya config show, which lists them",
    ],
    ["php.env", "Cannot use php.env: it is a map, one of its entries is allowed", "try: -o php.env.NAME=VALUE"],
  ])("refuses %s", (key, message, hint) => {
    const { problems } = readOverrideSource([{ key, text: "1", flag: `-o ${key}` }]);
    expect(problems).toEqual([{ message, origins: [{ kind: "flag", flag: `-o ${key}` }], hint }]);
  });
});
