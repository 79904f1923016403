import { expect, test } from "bun:test";
import { findPython } from "./find-python.ts";

test.each([
  ["python3 where there is none", [], "python3"],
  ["that of .venv", ["/app/.venv/bin/python"], "/app/.venv/bin/python"],
  ["that of venv", ["/app/venv/bin/python"], "/app/venv/bin/python"],
  [".venv before venv", ["/app/venv/bin/python", "/app/.venv/bin/python"], "/app/.venv/bin/python"],
])("findPython › takes %s", (_, files: readonly string[], expected) => {
  expect(findPython("/app", (path) => files.includes(path))).toBe(expected);
});
