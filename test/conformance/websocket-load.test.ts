import { describe, expect, test } from "bun:test";

import { cutsEvery } from "./websocket-case.ts";
import { LOAD_MESSAGE_BYTES_MAX, WEBSOCKET_LOAD_CASES } from "./websocket-load-cases.ts";
import { readWebSocket } from "./websocket-reader.ts";

/** As a socket hands over what a client has written at once. */
const CHUNK_BYTES = 512 * 1024;

describe("WebSocket codec under load", () => {
  test.each(WEBSOCKET_LOAD_CASES.map((each) => [each.id, each.name, each] as const))("%s: %s", (_id, _name, load) => {
    const bytes = Buffer.concat(load.frames());
    const cuts = cutsEvery(load.chopBytes ?? CHUNK_BYTES, bytes.length);
    const limits = { messageBytesMax: LOAD_MESSAGE_BYTES_MAX, memoryBytesMax: 2 * LOAD_MESSAGE_BYTES_MAX };
    expect(readWebSocket(bytes, cuts, limits)).toEqual({ events: load.expect(), waitingBytes: 0, heldBytes: 0 });
  });
});
