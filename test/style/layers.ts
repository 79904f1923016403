import { isTest } from "./source-file.ts";

/**
 * The storeys of `src/`, bottom first, as ARCHITECTURE.md draws them. A file imports its own room and the storeys below it; rooms
 * on one storey do not know one another.
 */
export const STOREYS: readonly (readonly string[])[] = [
  ["base"],
  ["paths"],
  ["config", "telemetry", "kernel"],
  ["protocols", "bus"],
  ["http", "workers", "store", "broker", "clients"],
  ["routing"],
  ["admin"],
  ["engine"],
  ["cli"],
];

/** What workers of TypeScript apps run; the executable holds it, as one more command. It imports nothing of `src/`. */
const MODULE_LIBRARY = "sdk/typescript/src/";

/** Rooms whose folders are rooms of their own: one codec does not know another, one client does not know another. */
const SHARED_ROOMS = new Set(["protocols", "clients"]);

/** What codecs share: HTTP's meaning for every version of HTTP, HPACK for HTTP/2, and MessagePack for the worker protocol. */
const CODECS_SHARED: Readonly<Record<string, readonly string[]>> = {
  "protocols/http": ["*"],
  "protocols/hpack": ["protocols/http2"],
  "protocols/msgpack": ["protocols/worker"],
};

/** Whether one file may import another; both from the root of the checkout. */
export function isAllowedImport(importer: string, imported: string): boolean {
  if (imported.startsWith(MODULE_LIBRARY)) return isTest(importer) || roomOf(importer) === "cli";
  if (!imported.startsWith("src/")) return isTest(importer) || imported === "package.json";
  const from = roomOf(importer);
  const to = roomOf(imported);
  if (from === to) return true;
  if (from.startsWith("protocols/")) {
    const sharers = CODECS_SHARED[to];
    return to === "base" || to === "kernel" || sharers?.includes("*") === true || sharers?.includes(from) === true;
  }
  return storeyOf(to) < storeyOf(from);
}

/** The room a file is in: `kernel` for `src/kernel/arena.ts`, `protocols/http1` for `src/protocols/http1/limits.ts`. */
export function roomOf(path: string): string {
  const [, first = "", second = ""] = path.split("/");
  return SHARED_ROOMS.has(first) ? `${first}/${second}` : first;
}

/** The floor a room is on, from 0; -1 for a room that has none yet. */
export function storeyOf(room: string): number {
  const folder = room.split("/", 1)[0] ?? room;
  return STOREYS.findIndex((storey) => storey.includes(folder));
}
