import { MapKeys } from "../msgpack/map-keys.ts";
import type { MsgpackCursor } from "../msgpack/msgpack-cursor.ts";
import type { WorkerUsage } from "./worker-response.ts";

const KEYS = new MapKeys(["req_count", "mem_usage", "mem_peak", "recycle"]);

/** `_meta` lies in the map of the response, its values in its own. */
const RESPONSE_DEPTH = 1;
const USAGE_DEPTH = 2;

/** Makes `usage` that of a worker which says nothing. */
export function resetUsage(usage: WorkerUsage): void {
  usage.requestCount = usage.memoryBytes = usage.memoryPeakBytes = -1;
  usage.wantsRecycling = false;
}

/** Reads `_meta` of a response. It is a hint: what is not as expected counts as not said, and never fails the response. */
export function readUsage(cursor: MsgpackCursor, usage: WorkerUsage): void {
  resetUsage(usage);
  if (cursor.peekType() !== "map") {
    cursor.skip(RESPONSE_DEPTH);
    return;
  }
  for (let left = cursor.readMapHeader(); left > 0; left--) {
    switch (KEYS.read(cursor, USAGE_DEPTH)) {
      case "req_count":
        usage.requestCount = readCount(cursor);
        break;
      case "mem_usage":
        usage.memoryBytes = readCount(cursor);
        break;
      case "mem_peak":
        usage.memoryPeakBytes = readCount(cursor);
        break;
      case "recycle":
        usage.wantsRecycling = readFlag(cursor);
        break;
      case null:
        cursor.skip(USAGE_DEPTH);
    }
  }
}

/** A non-negative number in whole units, -1 from anything else. */
function readCount(cursor: MsgpackCursor): number {
  const type = cursor.peekType();
  if (type !== "integer" && type !== "float") {
    cursor.skip(USAGE_DEPTH);
    return -1;
  }
  const count = Math.trunc(cursor.readNumber());
  return Number.isSafeInteger(count) && count >= 0 ? count : -1;
}

/** True from true and from an integer that is not 0. */
function readFlag(cursor: MsgpackCursor): boolean {
  const type = cursor.peekType();
  if (type === "boolean") return cursor.readBoolean();
  if (type === "integer") return cursor.readNumber() !== 0;
  cursor.skip(USAGE_DEPTH);
  return false;
}
