import { describe, expect, test } from "bun:test";
import { CONFORMANCE_BODY_BYTES_MAX, CONFORMANCE_LIMITS, type ExpectedRequest } from "./http1-case.ts";
import { HTTP1_PIPELINES } from "./http1-pipelines.ts";
import { type Reading, type ReadRequest, readSplit } from "./http1-reader.ts";
import { HTTP1_REQUESTS } from "./http1-requests.ts";

describe("HTTP/1.1 codec", () => {
  test("no two cases have one name", () => {
    const names = HTTP1_REQUESTS.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test.each(served())("serves $name", ({ bytes, expect: { ok } }) => {
    expect(read(bytes, [])).toEqual({ requests: [complete(ok)], refusal: null, waitingBytes: 0, isBodyOpen: false });
  });

  test.each(refused())("refuses $name with $expect.status", ({ bytes, expect: { status } }) => {
    const { requests, refusal } = read(bytes, []);
    expect([requests, refusal?.status]).toEqual([[], status]);
  });

  test.each(HTTP1_PIPELINES)("reads $name", ({ bytes, expect: expectations }) => {
    const { requests, refusal, waitingBytes } = read(bytes, []);
    expect(requests).toEqual(expectations.flatMap((one) => ("ok" in one ? [complete(one.ok)] : [])));
    const last = expectations.at(-1)!;
    expect(refusal?.status).toBe("ok" in last ? undefined : last.status);
    expect(waitingBytes).toBe(0);
  });

  test("reads the same however the bytes are cut in two", () => {
    for (const { name, bytes } of HTTP1_REQUESTS) {
      const whole = read(bytes, []);
      for (let cut = 1; cut < bytes.length; cut++) expect([name, cut, read(bytes, [cut])]).toEqual([name, cut, whole]);
    }
  });

  test("reads the same byte by byte", () => {
    for (const { name, bytes } of [...HTTP1_REQUESTS, ...HTTP1_PIPELINES]) {
      const everywhere = Array.from({ length: bytes.length - 1 }, (_, index) => index + 1);
      expect([name, read(bytes, everywhere)]).toEqual([name, read(bytes, [])]);
    }
  });

  test("asks for more, and refuses nothing, while a good request is incomplete", () => {
    for (const { name, bytes } of served()) {
      for (let length = 0; length < bytes.length; length++) {
        const { refusal, waitingBytes, isBodyOpen } = read(bytes.slice(0, length), []);
        expect([name, length, refusal]).toEqual([name, length, null]);
        expect(length === 0 || waitingBytes > 0 || isBodyOpen).toBe(true);
      }
    }
  });
});

function read(bytes: string, cuts: readonly number[]): Reading {
  return readSplit(bytes, cuts, CONFORMANCE_LIMITS, CONFORMANCE_BODY_BYTES_MAX);
}

function served() {
  return HTTP1_REQUESTS.flatMap(({ expect, ...rest }) => ("ok" in expect ? [{ ...rest, expect }] : []));
}

function refused() {
  return HTTP1_REQUESTS.flatMap(({ expect, ...rest }) => ("ok" in expect ? [] : [{ ...rest, expect }]));
}

/** Fills in what an expectation leaves to its defaults. */
function complete(ok: ExpectedRequest): ReadRequest {
  const question = ok.target.includes("?") ? ok.target.indexOf("?") : ok.target.length;
  return {
    path: ok.target.slice(0, question),
    query: ok.target.slice(question + 1),
    versionMinor: 1,
    isKeepAlive: true,
    expectsContinue: false,
    trailers: [],
    ...ok,
  };
}
