import type { MsgpackCursor } from "../msgpack/msgpack-cursor.ts";

/** How many routes a worker may announce; an app with more finds its routes itself. */
export const ANNOUNCED_ROUTES_MAX = 4096;

const UINT32_MAX = 0xffff_ffff;

/** The routes of a worker's app, as its hello tells them (docs/reference/wire.md, W2.92). */
export interface RouteAnnouncement {
  /** Tells this table from others: an unsigned 32-bit integer. */
  readonly table: number;
  /** Those whose paths have the same shape in the order in which they are asked. */
  readonly routes: readonly AnnouncedRoute[];
}

/** One of them. */
export interface AnnouncedRoute {
  /** As in the configuration: `/users/{id:int}`. */
  readonly path: string;
  /** In upper case; empty for every method. */
  readonly methods: readonly string[];
}

/** The place of the route that a request is for in the table that its worker has announced. */
export interface RouteMatch {
  readonly table: number;
  readonly index: number;
  /** Where the request's head is. */
  readonly bytes: Buffer;
  /** What the path has for the route's parameters, in their order: start and end of each in `bytes`, ASCII. */
  readonly ranges: readonly number[];
}

/** Reads the value of `routes` in a hello; a text says what is wrong with it, and the cursor is anywhere then. */
export function readRouteAnnouncement(cursor: MsgpackCursor): RouteAnnouncement | string {
  if (cursor.peekType() !== "array" || cursor.readArrayHeader() !== 2) return "is no list of two";
  const table = cursor.peekType() === "integer" ? cursor.readNumber() : -1;
  if (!(table >= 0 && table <= UINT32_MAX)) return "has no table's number of 32 bits";
  if (cursor.peekType() !== "array") return "has no list of routes";
  const count = cursor.readArrayHeader();
  if (count > ANNOUNCED_ROUTES_MAX) return `lists ${count} routes, ${ANNOUNCED_ROUTES_MAX} are allowed`;
  const routes: AnnouncedRoute[] = [];
  for (let index = 0; index < count; index++) {
    const route = readRoute(cursor);
    if (route === null) return "lists what is no route";
    routes.push(route);
  }
  return { table, routes };
}

function readRoute(cursor: MsgpackCursor): AnnouncedRoute | null {
  if (cursor.peekType() !== "array" || cursor.readArrayHeader() !== 2) return null;
  const path = readText(cursor);
  if (path === null || cursor.peekType() !== "array") return null;
  const methods: string[] = [];
  for (let left = cursor.readArrayHeader(); left > 0; left--) {
    const method = readText(cursor);
    if (method === null) return null;
    methods.push(method);
  }
  return { path, methods };
}

function readText(cursor: MsgpackCursor): string | null {
  const type = cursor.peekType();
  if (type !== "string" && type !== "binary") return null;
  cursor.readBytes();
  return cursor.bytes.toString("latin1", cursor.rangeStart, cursor.rangeEnd);
}
