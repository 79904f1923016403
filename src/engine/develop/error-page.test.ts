import { describe, expect, test } from "bun:test";

import { type ErrorFacts, renderErrorPage } from "./error-page.ts";

const FACTS: ErrorFacts = {
  status: 500,
  title: "Error: <b>",
  detail: "Error: <b>\n    at <anonymous>",
  frame: { path: "a.ts", line: 2, lines: [1, 2].map((number) => ({ number, text: `<i>${number}` })) },
  app: "shop",
  request: "GET /<script>",
  fields: [
    ["Cookie", "session=secret"],
    ["Authorization", "Bearer secret"],
    ["X-Name", "<x>"],
  ],
  output: ["<u>"],
};

describe("renderErrorPage", () => {
  const page = renderErrorPage(FACTS);

  test("tells status, app, source, stack, output and request", () => {
    for (const text of ["500 Internal Server Error in shop", "a.ts:2", "&lt;i&gt;2</span>", "STDERR", "GET /"])
      expect(page).toContain(text);
  });

  test("has nothing in it that came from elsewhere as markup, and no secrets", () => {
    expect(page).not.toMatch(/<(?:b|i|u|x|anonymous)>/);
    expect(page.match(/<script/g)).toEqual(["<script"]);
    expect(page).not.toContain("secret");
  });

  test("leaves out what is not known", () => {
    const bare = { ...FACTS, detail: "", frame: null, app: null, request: null, output: [] };
    expect(renderErrorPage(bare)).not.toContain("<h2>");
  });
});
