import { describe, expect, test } from "bun:test";

import { StreamedBody, wholeBody } from "./request-body.ts";

function bodyWith(windowBytes: number): { body: StreamedBody; granted: number[] } {
  const granted: number[] = [];
  return { body: new StreamedBody({ grant: (byteCount) => granted.push(byteCount) }, windowBytes), granted };
}

describe("StreamedBody", () => {
  test("gives what has come, and ends with the last of it", async () => {
    const { body } = bodyWith(100);
    const text = new Response(body.stream).text();
    body.push(Buffer.from("on"));
    body.push(Buffer.from("e"));
    body.end();
    expect(await text).toBe("one");
  });

  test("grants what was read, in halves of a window", async () => {
    const { body, granted } = bodyWith(10);
    const reader = body.stream.getReader();
    for (const _ of [1, 2, 3, 4]) body.push(new Uint8Array(3));
    expect(granted).toEqual([]);
    await reader.read();
    expect(granted).toEqual([]);
    for (const _ of [1, 2, 3]) await reader.read();
    expect(granted).toEqual([6, 6]);
  });

  test("fails for whoever reads it when it will never be whole", async () => {
    const { body } = bodyWith(100);
    const text = new Response(body.stream).text();
    body.push(Buffer.from("half"));
    body.abort("the client has not sent all of it");
    await expect(text).rejects.toThrow("Cannot read the request's body: the client has not sent all of it");
  });

  test("drops what comes when nobody reads it any more", async () => {
    const { body, granted } = bodyWith(2);
    await body.stream.cancel();
    body.push(new Uint8Array(10));
    body.abort("late");
    body.end();
    expect(granted).toEqual([]);
  });
});

describe("wholeBody", () => {
  test.each([
    [{}, null],
    [{ body: new Uint8Array(0) }, null],
    [{ body: "" }, null],
    [{ body: "\u00e9" }, Buffer.from([0xe9])],
    [{ body: Buffer.from("a") }, Buffer.from("a")],
  ])("of %p is %p", (wire, body) => {
    expect(wholeBody(wire)).toEqual(body);
  });
});
