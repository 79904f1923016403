import { describe, expect, test } from "bun:test";

import { RecordingWriter } from "../../../test/support/recording-writer.ts";
import { fixedResponse } from "../../http/fixed-response.ts";
import { scriptElement } from "./page-script.ts";
import { PageWriter } from "./page-writer.ts";

const SCRIPT = scriptElement(null);
const HTML = { "Content-Type": "text/html; charset=utf-8" };

function write(status: number, fields: Readonly<Record<string, string>>): readonly string[] {
  const next = new RecordingWriter();
  new PageWriter(next, () => null).writeResponse(fixedResponse(status, fields, "<p>"));
  return next.said;
}

function stream(fields: Readonly<Record<string, string>>, byteLength: number) {
  const next = new RecordingWriter();
  const taken: number[] = [];
  const { fields: block } = fixedResponse(200, fields, "");
  const body = new PageWriter(next, () => null).beginBody({ status: 200, fields: block }, byteLength, (count) =>
    taken.push(count),
  );
  body?.write(Buffer.from("<p>"), 0, 3);
  next.onTaken(3);
  body?.end(null);
  next.onTaken(SCRIPT.length);
  return { said: next.said, taken };
}

describe("PageWriter", () => {
  test("puts the script behind a page, in one piece and in parts", () => {
    expect(write(404, HTML)).toEqual([`response 404 <p>${SCRIPT}`]);
    expect(stream(HTML, -1)).toEqual({
      said: ["head 200, length -1", "chunk <p>", `chunk ${SCRIPT}`, "end"],
      taken: [3],
    });
    expect(stream({ ...HTML, "Content-Length": "3" }, 3).said[0]).toBe(`head 200, length ${3 + SCRIPT.length}`);
  });

  test.each([
    ["JSON", 200, { "Content-Type": "application/json" }],
    ["what has no type", 200, {}],
    ["what is encoded", 200, { ...HTML, "Content-Encoding": "br" }],
    ["a part of a page", 206, HTML],
    ["a page that has not changed", 304, HTML],
  ])("leaves %s alone", (_, status, fields) => {
    expect(write(status, fields)).toEqual([`response ${status} <p>`]);
    if (status === 200) expect(stream(fields, -1).said).toEqual(["head 200, length -1", "chunk <p>", "end"]);
  });

  test("uses the nonce of a policy that asks for one", () => {
    const policy = "default-src 'none'; script-src 'nonce-R4nd0m+/=' 'strict-dynamic'";
    expect(write(200, { ...HTML, "Content-Security-Policy": policy })).toEqual([
      `response 200 <p>${scriptElement("R4nd0m+/=")}`,
    ]);
  });

  test("says a refusal in its own way where it can", () => {
    const next = new RecordingWriter();
    const writer = new PageWriter(next, (status) => (status === 500 ? fixedResponse(500, HTML, "why") : null));
    writer.writeRefusal(500);
    writer.writeRefusal(404);
    expect(next.said).toEqual(["response 500 why", "refusal 404"]);
  });
});
