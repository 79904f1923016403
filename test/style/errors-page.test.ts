import { expect, test } from "bun:test";

import { isTest, readSourceFiles, repositoryPath } from "./source-file.ts";

const CODE = /"(VILYA_[A-Z\d]+(?:_[A-Z\d]+)+)"/g;

/** Names of this form that are variables of the environment. */
const VARIABLES: ReadonlySet<string> = new Set(["VILYA_WORKER_LEVEL", "VILYA_WORKER_ID", "VILYA_CONFIG_SAMPLE"]);

test("every error code of the source is explained in docs/reference/errors.md", async () => {
  const page = await Bun.file(`${repositoryPath}/docs/reference/errors.md`).text();
  const missing = new Set<string>();
  for (const { path, text } of await readSourceFiles("src/**/*.ts")) {
    if (isTest(path)) continue;
    for (const [, code = ""] of text.matchAll(CODE)) {
      if (!VARIABLES.has(code) && !page.includes(`\`${code}\``)) missing.add(`${code} (${path})`);
    }
  }
  expect([...missing]).toEqual([]);
});

/** Statuses by which the engine refuses a request: `refuse(429`, `refusal(exchange, 405`. */
const STATUS = /\brefus(?:e|al)\((?:\w+, )?([45]\d\d)\b/g;

test("every status that clients are refused with is explained there", async () => {
  const page = await Bun.file(`${repositoryPath}/docs/reference/errors.md`).text();
  const explained = new Set(
    [...page.matchAll(/^\| ([45]\d\d(?:, [45]\d\d)*)\b/gm)].flatMap(([, list]) => list!.split(", ")),
  );
  const sources = (await readSourceFiles("src/**/*.ts")).filter(
    ({ path }) => !isTest(path) && !path.startsWith("src/admin/"),
  );
  const given = new Set(sources.flatMap(({ text }) => [...text.matchAll(STATUS)].map(([, status]) => status!)));
  expect(given.size).toBeGreaterThan(5);
  expect([...given].filter((status) => !explained.has(status))).toEqual([]);
});
