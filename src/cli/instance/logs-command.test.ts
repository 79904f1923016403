import { expect, test } from "bun:test";

import { renderRecord } from "./logs-command.ts";

test("renderRecord › shows a line as people read it, and nothing that moves a cursor", () => {
  const record = {
    time: "2026-01-02T03:04:05.678Z",
    level: "warn",
    event: "worker crashed",
    pid: 7,
    line: "a b\x1b[2J",
  };
  expect(renderRecord(JSON.stringify(record))).toBe(
    '2026-01-02T03:04:05.678Z warn  worker crashed pid=7 line="a b\\u001b[2J"\n',
  );
});
