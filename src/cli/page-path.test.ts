import { expect, test } from "bun:test";
import { join } from "node:path";
import { withPagePaths } from "./page-path.ts";

const GUIDE = join(import.meta.dirname, "../../docs/guides/php.md");

test("withPagePaths › turns pages that came along into paths", () => {
  expect(withPagePaths("see docs/guides/php.md, or docs/guides/none.md")).toBe(`see ${GUIDE}, or docs/guides/none.md`);
});
