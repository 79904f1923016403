import { describe, expect, test } from "bun:test";
import { TargetTemplate } from "./target-template.ts";

function render(text: string, parameters: Readonly<Record<string, string>> = {}): string {
  return new TargetTemplate(text).render({
    parameter: (name) => parameters[name],
    word: (word) => `<${word}>`,
  });
}

describe("TargetTemplate", () => {
  test.each([
    ["/fixed", {}, "/fixed"],
    ["/users/{id}/x", { id: "42" }, "/users/42/x"],
    ["{scheme}://{host}{path}?{query}", {}, "<scheme>://<host><path>?<query>"],
    ["/{path}", { path: "mine" }, "/mine"],
    ["/files/{rest}", { rest: "a/b c" }, "/files/a/b%20c"],
    ["/x/{id}", { id: "a?b#c&d=e%" }, "/x/a%3Fb%23c%26d%3De%25"],
    ["/x/{id}", { id: "a\r\nSet-Cookie: x" }, "/x/a%0D%0ASet-Cookie%3A%20x"],
    ["/x/{id}", { id: "a\0b" }, "/x/a%2Fb"],
    ["/x/{id}", { id: "é" }, "/x/%C3%A9"],
    ["/x/{gone}", {}, "/x/"],
  ])("renders %s of %j as %s", (text, parameters, expected) => {
    expect(render(text, parameters as Record<string, string>)).toBe(expected);
  });

  test("knows what it names, and whether it has a query", () => {
    expect(new TargetTemplate("/a/{id}/{host}").names).toEqual(["id", "host"]);
    expect(new TargetTemplate("/a?x={id}").hasQuery).toBe(true);
    expect(new TargetTemplate("/a/{query}").hasQuery).toBe(false);
  });
});
