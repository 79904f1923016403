import { expect, test } from "bun:test";
import { type Origin, renderOrigin } from "./origin.ts";

test.each<[Origin, string]>([
  [{ kind: "default" }, "default"],
  [{ kind: "file", file: "vilya.yaml", line: 12, column: 3 }, "vilya.yaml:12:3"],
  [{ kind: "environment", variable: "VILYA_PORT" }, "env VILYA_PORT"],
  [{ kind: "flag", flag: "--port" }, "flag --port"],
])("renderOrigin › %j is %s", (origin, text) => {
  expect(renderOrigin(origin)).toBe(text);
});
