import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { acceptStandIns } from "./accept-stand-ins.ts";
import { makeTextsLazily, replaceResponse } from "./response-constructor.ts";
import { platformOf } from "./stand-in.ts";

const Platform = globalThis.Response;
const PlatformConstructor = Platform.prototype.constructor;
const files = Blob.prototype as Blob & { write: unknown };
const { serve, write } = Bun;
const { write: writeTo } = files;
const transform = Object.getOwnPropertyDescriptor(HTMLRewriter.prototype, "transform")!;

beforeAll(() => {
  replaceResponse();
  acceptStandIns();
});
afterAll(() => {
  globalThis.Response = Platform;
  Platform.prototype.constructor = PlatformConstructor;
  Object.assign(Bun, { serve, write });
  files.write = writeTo;
  Object.defineProperty(HTMLRewriter.prototype, "transform", transform);
});

function isLazy(response: Response): boolean {
  return platformOf(response) !== response;
}

describe.each([
  ["the platform's", () => {}],
  ["made late", makeTextsLazily],
])("Response while texts are %s", (_, begin) => {
  beforeAll(begin);

  test("has the type of its text, unless another one is given", () => {
    const types = [new Response("text"), new Response("text", { headers: { "Content-Type": "a/b" } }), new Response()];
    expect(types.map(({ headers }) => headers.get("content-type"))).toEqual(["text/plain;charset=UTF-8", "a/b", null]);
  });

  test("writes JSON as the platform does", async () => {
    const init = { status: 201, statusText: "Made", headers: { "x-name": "value" } };
    for (const given of [undefined, init, { headers: { "Content-Type": "application/problem+json" } }]) {
      const [ours, theirs] = [Response.json({ a: [1] }, given), Platform.json({ a: [1] }, given)];
      expect([ours.status, Object.fromEntries(ours.headers)]).toEqual([
        theirs.status,
        Object.fromEntries(theirs.headers),
      ]);
      expect(await ours.text()).toBe('{"a":[1]}');
    }
    expect(() => Response.json(undefined)).toThrow("the value has no JSON");
  });

  test.each([
    ["a number", 5, "5"],
    ["a truth value", true, "true"],
  ])("takes %s for text", async (_, body, text) => {
    const response = new Response(body as never);
    expect([await response.text(), response.headers.get("content-type")]).toEqual([text, "text/plain;charset=UTF-8"]);
  });

  test("takes for the rest of JSON what the platform takes", () => {
    for (const init of [404, null])
      expect(Response.json({}, init as never).status).toBe(Platform.json({}, init as never).status);
    expect(Response.json({}, { headers: [["content-type", "a/b"]] }).headers.get("content-type")).toBe("a/b");
  });

  test("is the class that it was for whoever looks", () => {
    expect(new Response("text", { status: 202 })).toBeInstanceOf(Platform);
    expect(new Platform("text")).toBeInstanceOf(Response);
    expect([new Response("text").constructor, Response.name]).toEqual([Response, "Response"]);
    expect(Response.redirect("http://localhost/").status).toBe(302);
    expect(() => (Response as unknown as () => void)()).toThrow("new is needed");
    expect(() => new Response("text", { status: 99 })).toThrow(RangeError);
    expect(() => new Response("text", { headers: { "a b": "1" } })).toThrow();
  });

  test("may be extended", async () => {
    class Page extends Response {
      readonly name = "page";
    }
    const page = new Page("text");
    expect([page.name, page instanceof Page, await page.text()]).toEqual(["page", true, "text"]);
  });

  test("goes where Bun takes responses", async () => {
    const directory = mkdtempSync(join(tmpdir(), "vilya-response-"));
    await Bun.write(join(directory, "a"), new Response("text"));
    expect(await Bun.file(join(directory, "a")).text()).toBe("text");
    rmSync(directory, { recursive: true });
    const page = new Response("<b>a</b>", { headers: { "Content-Type": "text/html" } });
    const rewritten = new HTMLRewriter()
      .on("b", { element: (element) => void element.setInnerContent("c") })
      .transform(page);
    expect([await rewritten.text(), rewritten.headers.get("content-type")]).toEqual(["<b>c</b>", "text/html"]);
  });
});

describe("texts made late", () => {
  test("are those of plain responses", () => {
    makeTextsLazily();
    expect([new Response("text"), Response.json({}), new Response("text", { status: 201 })].map(isLazy)).not.toContain(
      false,
    );
    const others = [new Response(null), new Response(new Uint8Array()), new Response("text", { statusText: "Fine" })];
    expect(others.map(isLazy)).not.toContain(true);
  });

  test("end where the app begins a server of its own", async () => {
    makeTextsLazily();
    await using server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("text") });
    expect(await (await fetch(server.url)).text()).toBe("text");
    expect(isLazy(new Response("text"))).toBe(false);
    // The server may have begun while the module was loaded.
    makeTextsLazily();
    expect(await (await fetch(server.url)).text()).toBe("text");
  });
});
