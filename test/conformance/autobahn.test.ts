import { expect, test } from "bun:test";

import { AUTOBAHN_CASE_IDS } from "./autobahn-list.ts";
import { WEBSOCKET_CLOSE_CASES } from "./websocket-close-cases.ts";
import { WEBSOCKET_COMPRESSION_CASES } from "./websocket-compression-cases.ts";
import { WEBSOCKET_FRAMING_CASES } from "./websocket-framing-cases.ts";
import { WEBSOCKET_LOAD_CASES } from "./websocket-load-cases.ts";
import { WEBSOCKET_UTF8_CASES } from "./websocket-utf8-cases.ts";

test("every case of the Autobahn test suite is in one of our tables", () => {
  const tables = [
    WEBSOCKET_FRAMING_CASES,
    WEBSOCKET_UTF8_CASES,
    WEBSOCKET_CLOSE_CASES,
    WEBSOCKET_LOAD_CASES,
    WEBSOCKET_COMPRESSION_CASES,
  ];
  const ids = new Set(tables.flat().map(({ id }) => id));
  ids.delete("own");
  expect(ids).toEqual(new Set(AUTOBAHN_CASE_IDS));
  expect(ids.size).toBe(517);
});
