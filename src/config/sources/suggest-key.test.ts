import { expect, test } from "bun:test";
import { suggestKey } from "./suggest-key.ts";

test.each([
  ["server.prot", "server.port"],
  ["sever", "server"],
  ["workers.queue_timeout.timeout", "workers.queue_timeout.timeout_ms"],
  ["port", "server.port"],
  ["workers.worker_script", "php.worker_script"],
  ["sever.port", "server.port"],
  ["zzzzzzzz", null],
])("suggestKey › takes %s for %p", (key, expected) => {
  expect(suggestKey(key)).toBe(expected);
});
