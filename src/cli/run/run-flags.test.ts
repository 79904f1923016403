import { expect, test } from "bun:test";
import { findOption } from "../../config/options/option-index.ts";
import { runCommand } from "./run-command.ts";
import { OPTION_FLAGS } from "./run-flags.ts";

test("OPTION_FLAGS › name options that there are, or say why they have no effect", () => {
  for (const { name, entries, ignored } of OPTION_FLAGS) {
    expect([name, (entries === undefined) === (ignored !== undefined)]).toEqual([name, true]);
    for (const [key] of entries?.("1") ?? []) expect([name, findOption(key) === null]).toEqual([name, false]);
  }
});

test("runCommand › has each flag once", () => {
  const names = runCommand.flags.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
});
