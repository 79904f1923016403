import { MapKeys } from "../msgpack/map-keys.ts";
import type { MsgpackCursor } from "../msgpack/msgpack-cursor.ts";
import { PROTOCOL_LEVEL, type WorkerHello } from "./handshake.ts";
import { FEATURE_BYTES_MAX, FEATURE_COUNT_MAX, SDK_BYTES_MAX } from "./limits.ts";
import { readRouteAnnouncement, type RouteAnnouncement } from "./route-announcement.ts";
import { WorkerProtocolError } from "./worker-protocol-error.ts";

const KEYS = new MapKeys(["level", "sdk", "features", "concurrency", "routes"]);

/** The values of the hello lie in one map. */
const DEPTH = 1;

const PRINTABLE = /^[\x20-\x7e]+$/;
const FEATURE_NAME = /^[a-z0-9._-]+$/;

/**
 * Reads the map of a hello frame, whose MessagePack has been walked before. Keys it does not know belong to later levels and are skipped.
 *
 * @throws {WorkerProtocolError} when a key is missing, of another type, or over its bound.
 */
export function readHello(cursor: MsgpackCursor): WorkerHello {
  let level = 0;
  let sdk = "";
  let features: readonly string[] = [];
  let concurrency = 1;
  let routes: RouteAnnouncement | null = null;
  for (let left = cursor.readMapHeader(); left > 0; left--) {
    switch (KEYS.read(cursor, DEPTH)) {
      case "level":
        level = readInteger(cursor, "level", PROTOCOL_LEVEL);
        break;
      case "sdk":
        sdk = readText(cursor, {
          key: "sdk",
          byteLengthMax: SDK_BYTES_MAX,
          pattern: PRINTABLE,
          allowed: "printable ASCII",
        });
        break;
      case "features":
        features = readFeatures(cursor);
        break;
      case "concurrency":
        concurrency = cursor.tryReadNil() ? 1 : readInteger(cursor, "concurrency", 1);
        break;
      case "routes":
        routes = cursor.tryReadNil() ? null : readRoutes(cursor);
        break;
      case null:
        cursor.skip(DEPTH);
    }
  }
  if (level === 0) throw invalid("level", "is missing", `an integer from ${PROTOCOL_LEVEL}`);
  if (sdk === "") throw invalid("sdk", "is missing", "printable ASCII");
  return { level, sdk, features, concurrency, routes };
}

function readInteger(cursor: MsgpackCursor, key: string, min: number): number {
  const type = cursor.peekType();
  if (type !== "integer") throw invalid(key, `is of type ${type}`, "an integer");
  const value = cursor.readNumber();
  if (!Number.isSafeInteger(value) || value < min) throw invalid(key, `is ${value}`, `an integer from ${min}`);
  return value;
}

function readFeatures(cursor: MsgpackCursor): readonly string[] {
  if (cursor.tryReadNil()) return [];
  const type = cursor.peekType();
  if (type !== "array") throw invalid("features", `is of type ${type}`, "a list of names");
  const count = cursor.readArrayHeader();
  if (count > FEATURE_COUNT_MAX) throw invalid("features", `lists ${count} names`, `at most ${FEATURE_COUNT_MAX}`);
  return Array.from({ length: count }, () =>
    readText(cursor, {
      key: "features",
      byteLengthMax: FEATURE_BYTES_MAX,
      pattern: FEATURE_NAME,
      allowed: "a-z, 0-9, '.', '_' and '-'",
    }),
  );
}

function readRoutes(cursor: MsgpackCursor): RouteAnnouncement {
  const routes = readRouteAnnouncement(cursor);
  if (typeof routes === "string") throw invalid("routes", routes, "[table, [[path, [method, ...]], ...]]");
  return routes;
}

interface TextRule {
  readonly key: string;
  readonly byteLengthMax: number;
  readonly pattern: RegExp;
  readonly allowed: string;
}

function readText(cursor: MsgpackCursor, { key, byteLengthMax, pattern, allowed }: TextRule): string {
  const type = cursor.peekType();
  if (type !== "string" && type !== "binary") throw invalid(key, `holds a value of type ${type}`, "text");
  cursor.readBytes();
  const byteLength = cursor.rangeEnd - cursor.rangeStart;
  if (byteLength > byteLengthMax) throw invalid(key, `holds ${byteLength} bytes of text`, `at most ${byteLengthMax}`);
  const text = cursor.bytes.toString("latin1", cursor.rangeStart, cursor.rangeEnd);
  if (!pattern.test(text)) throw invalid(key, "holds other characters or none", allowed);
  return text;
}

function invalid(key: string, state: string, allowed: string): WorkerProtocolError {
  return new WorkerProtocolError(
    "VILYA_WORKER_HELLO_INVALID",
    `Cannot greet a worker: ${key} of its hello ${state}, ${allowed} is allowed`,
  );
}
