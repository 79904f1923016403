import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { rememberTexts, textOfResponse } from "./response-text.ts";

describe("a Response in a worker", () => {
  const Platform = globalThis.Response;
  beforeEach(rememberTexts);
  afterEach(() => {
    globalThis.Response = Platform;
  });

  test("remembers the text that it was made of, until it is read", async () => {
    const response = new Response("text");
    expect(textOfResponse(response)).toBe("text");
    expect(await response.text()).toBe("text");
    expect(textOfResponse(response)).toBeNull();
  });

  test.each([
    ["bytes", () => new Response(new TextEncoder().encode("a"))],
    ["a stream", () => new Response(new ReadableStream())],
    ["nothing", () => new Response(null)],
    ["another response", () => new Response(new Response("a").body)],
  ])("made of %s has nothing to remember", (_, make) => {
    expect(textOfResponse(make())).toBeNull();
  });

  test("has the type of its text, unless another one is given", () => {
    const types = [new Response("text"), new Response("text", { headers: { "Content-Type": "a/b" } }), new Response()];
    expect(types.map(({ headers }) => headers.get("content-type"))).toEqual(["text/plain;charset=UTF-8", "a/b", null]);
  });

  test("writes JSON as the platform does", async () => {
    const init = { status: 201, headers: { "x-name": "value" } };
    for (const given of [undefined, init, { headers: { "Content-Type": "application/problem+json" } }]) {
      const [ours, theirs] = [Response.json({ a: [1] }, given), Platform.json({ a: [1] }, given)];
      expect(textOfResponse(ours)).toBe('{"a":[1]}');
      expect([ours.status, [...ours.headers]]).toEqual([theirs.status, [...theirs.headers]]);
    }
    expect(() => Response.json(undefined)).toThrow("the value has no JSON");
  });

  test("is the class that it was for whoever looks", () => {
    const response = new Response("text", { status: 202 });
    expect(response).toBeInstanceOf(Platform);
    expect(new Platform("text")).toBeInstanceOf(Response);
    expect(Response.redirect("http://localhost/").status).toBe(302);
    expect(Object.keys(response)).toEqual(Object.keys(new Platform("text", { status: 202 })));
    expect(() => (Response as unknown as () => void)()).toThrow("new is needed");
  });

  test("may be extended", () => {
    class Page extends Response {
      readonly name = "page";
    }
    const page = new Page("text");
    expect([page.name, page instanceof Page, textOfResponse(page)]).toEqual(["page", true, "text"]);
  });
});
