import { expect, test } from "bun:test";

import { fieldBlockOf, fieldListOf, type OwnField } from "./field-list.ts";

test("a block holds the fields that it was made of", () => {
  const fields: OwnField[] = [
    ["Content-Type", "text/css"],
    ["X-Empty", ""],
    ["Vary", "Accept"],
    ["Vary", "Origin"],
  ];
  const block = fieldBlockOf(fields);
  expect(fieldListOf(block)).toEqual(fields);
  expect(block.get("content-type")).toBe("text/css");
  expect(block.find("vary", 3)).toBe(3);
  expect(fieldListOf(fieldBlockOf([]))).toEqual([]);
});
