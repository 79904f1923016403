import { describe, expect, test } from "bun:test";
import { inspect } from "node:util";

import { platformOf } from "./stand-in.ts";
import { fieldsOf, lazyResponse, textOf } from "./text-response.ts";

const HTML = { "content-type": "text/html" };

/** Everything that a `Response` says of itself. */
function factsOf(response: Response) {
  const { status, statusText, ok, redirected, type, url, bodyUsed } = response;
  return { status, statusText, ok, redirected, type, url, bodyUsed, headers: Object.fromEntries(response.headers) };
}

describe("a lazy response", () => {
  test.each<ResponseInit>([
    { headers: HTML },
    { status: 201, headers: HTML },
    { status: 404, headers: new Headers(HTML) },
    { status: 500, statusText: "", headers: { ...HTML, "x-name": "value", "Set-Cookie": "a=b" } },
  ])("with %p is what the platform makes of it", async (init) => {
    const [ours, theirs] = [lazyResponse("text", init)!, new Response("text", init)];
    expect(factsOf(ours)).toEqual(factsOf(theirs));
    expect([await ours.text(), ours.bodyUsed]).toEqual(["text", true]);
  });

  test("is the class that it was for whoever looks", () => {
    const [ours, theirs] = [lazyResponse("text", { headers: HTML })!, new Response("text", { headers: HTML })];
    expect(ours).toBeInstanceOf(Response);
    expect(ours.constructor).toBe(theirs.constructor);
    expect(Object.keys(ours)).toEqual(Object.keys(theirs));
    expect(Object.prototype.toString.call(ours)).toBe(Object.prototype.toString.call(theirs));
    expect(inspect(ours)).toBe(inspect(theirs));
    expect(Bun.inspect(ours)).toBe(Bun.inspect(theirs));
  });

  test.each<[string, (response: Response) => unknown]>([
    ["bytes", async (response) => Buffer.from(await response.bytes()).toString()],
    ["a blob", (response) => response.blob().then((blob) => blob.text())],
    ["a clone", (response) => response.clone().text()],
    ["a stream", (response) => new Response(response.body).text()],
    ["another response", (response) => new Response(response.body, response).text()],
  ])("is read as %s", async (_, read) => {
    expect(await read(lazyResponse("text", undefined)!)).toBe("text");
  });

  test("gives its status and headers to another one", () => {
    const given = lazyResponse("text", { status: 418, headers: { "x-name": "value" } })!;
    const other = new Response("other", given);
    expect([other.status, other.headers.get("x-name")]).toEqual([418, "value"]);
  });

  test.each<[string, ResponseInit | null]>([
    ["a status of no response", { status: 99 }],
    ["a status that is no integer", { status: 200.5 }],
    ["a status without content", { status: 204 }],
    ["a text for its status", { statusText: "Fine" }],
    ["a header that is none", { headers: { "a b": "1" } }],
    ["null", null],
  ])("is not made of %s: the platform judges that", (_, init) => {
    expect(lazyResponse("text", init as ResponseInit)).toBeNull();
  });
});

describe("textOf and fieldsOf", () => {
  test("know a response that nobody has looked at, and one whose headers have been changed", () => {
    const response = lazyResponse("text", { headers: { "x-name": "1" } }, "a/b")!;
    expect([textOf(response), fieldsOf(response)]).toEqual([
      "text",
      [
        ["X-Name", "1"],
        ["Content-Type", "a/b"],
      ],
    ]);
    response.headers.delete("content-type");
    response.headers.set("x-name", "2");
    expect([textOf(response), fieldsOf(response)]).toEqual(["text", [["X-Name", "2"]]]);
  });

  test("know no text that has been read, nor one of the platform's", async () => {
    const response = lazyResponse("text", undefined)!;
    await response.text();
    expect([textOf(response), textOf(new Response("text"))]).toEqual([null, null]);
  });
});

describe("platformOf", () => {
  test("gives what the platform takes for its own", async () => {
    const response = lazyResponse("text", undefined)!;
    response.headers.set("x-name", "value");
    const platform = platformOf(response) as Response;
    expect(await Response.prototype.text.call(platform)).toBe("text");
    expect(platform.headers.get("x-name")).toBe("value");
    for (const other of [platform, null, "text", {}]) expect(platformOf(other)).toBe(other);
  });
});
