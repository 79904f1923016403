import { expect, test } from "bun:test";

import { doOverlap } from "./listen-overlap.ts";

test.each([
  ["127.0.0.1", 80, "127.0.0.1", 80, true],
  ["127.0.0.1", 80, "127.0.0.1", 81, false],
  ["127.0.0.1", 0, "127.0.0.1", 0, false],
  ["0.0.0.0", 80, "127.0.0.1", 80, true],
  ["127.0.0.1", 80, "0.0.0.0", 80, true],
  ["127.0.0.1", 80, "127.0.0.2", 80, false],
  ["::", 80, "::1", 80, true],
  ["::", 80, "0.0.0.0", 80, false],
  ["127.0.0.1", 80, "::", 80, false],
  ["localhost", 80, "127.0.0.1", 80, false],
  ["localhost", 80, "localhost", 80, true],
])("%s:%d and %s:%d overlap: %p", (oneHost, onePort, otherHost, otherPort, overlap) => {
  expect(doOverlap({ host: oneHost, port: onePort }, { host: otherHost, port: otherPort })).toBe(overlap);
});
