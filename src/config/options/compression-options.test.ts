import { describe, expect, test } from "bun:test";

import { loadText, problemsOf } from "../../../test/support/config-text.ts";
import type { Config } from "../config.ts";

function load(yaml: string): Config {
  return loadText({ yaml }).config;
}

function refused(yaml: string): readonly string[] {
  return problemsOf({ yaml }).map(({ message }) => message);
}

describe("compress", () => {
  test("is off unless asked for", () => {
    const { apps, routes } = load("runtime: stub\nroutes:\n  - app: default\n");
    expect([apps[0]?.compression, routes[0]?.compression]).toEqual([null, null]);
  });

  test("is an app's, or a route's", () => {
    const { apps, routes } = load(`runtime: stub
compress: { enabled: true, codings: [gzip, br, gzip], types: [Text/*], max_jobs: 2 }
routes:
  - { path: /api/*, app: default, compress: { enabled: true, effort: small, min_size: 0 } }
`);
    expect(apps[0]?.compression).toEqual({
      codings: ["gzip", "br"],
      bytesMin: 1_024,
      types: ["text/*"],
      effort: "fast",
      jobCountMax: 2,
      streamCountMax: 256,
    });
    expect(routes[0]?.compression).toMatchObject({ codings: ["zstd", "br", "gzip"], effort: "small", bytesMin: 0 });
  });

  test.each([
    ["compress: {codings: [deflate]}", 'codings: it is ["deflate"], a list of br, zstd and gzip is allowed'],
    [
      "compress: {min_size: 10}",
      'min_size: it is "10", 0 (content of any length) or a size from 64B to 1GiB is allowed',
    ],
    ["compress: {effort: max}", 'effort: it is "max", one of fast, balanced, small is allowed'],
    [
      "compress: {types: [html]}",
      'types: it is ["html"], a list of media types such as application/json, text/* or application/*+json is allowed',
    ],
  ])("refuses %j", (yaml, message) => {
    expect(refused(`runtime: stub\n${yaml}\n`)).toContain(`Cannot use compress.${message}`);
  });
});
