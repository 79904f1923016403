import { type EntryJudge, PathTable } from "../paths/path-table.ts";
import { parameterNames, parsePathPattern, type PathPattern } from "../paths/path-pattern.ts";
import type { RequestHead } from "../protocols/http/request-head.ts";
import type { RouteAnnouncement, RouteMatch } from "../protocols/worker/route-announcement.ts";

const SLASH = 0x2f;
/** What a worker compares as it is: printable ASCII, nothing that has to be decoded. */
const PLAIN_PATH = /^\/[!-$&-~]*$/;
const PLAIN_METHOD = /^[A-Z]+$/;
/** More digits than the table takes for an integer, which a worker may take for one. */
const LONG_NUMBER = /[0-9]{16}/;

interface Entry {
  readonly index: number;
  /** Empty for every method. */
  readonly methods: ReadonlySet<string>;
  readonly parameterCount: number;
  /** Its last parameter takes the rest of the path. */
  readonly takesRest: boolean;
}

/**
 * The routes that a worker's app has announced, found before the worker is asked. docs/reference/wire.md, W2.92.
 *
 * Invariant: what is found is what the worker would find; where that is not certain nothing is found, and the worker looks itself.
 */
export class AnnouncedRoutes implements EntryJudge<Entry> {
  readonly table: number;
  readonly #paths = new PathTable<Entry>();
  #method = "";

  constructor(table: number, entries: readonly (readonly [PathPattern, Entry])[]) {
    this.table = table;
    for (const [pattern, entry] of entries) this.#paths.add(pattern, entry);
  }

  /** Null where a path is none that can be found here, and where there is nothing to tell. */
  static of({ table, routes }: RouteAnnouncement): AnnouncedRoutes | null {
    const entries: [PathPattern, Entry][] = [];
    for (const [index, { path, methods }] of routes.entries()) {
      const pattern = parsePathPattern(path);
      if (typeof pattern === "string") return null;
      const parameterCount = parameterNames(pattern).length;
      entries.push([pattern, { index, methods: new Set(methods), parameterCount, takesRest: pattern.rest !== null }]);
    }
    // A path without parameters is one look-up for a worker, which costs it less than to be told.
    if (entries.every(([, { parameterCount }]) => parameterCount === 0)) return null;
    return new AnnouncedRoutes(table, entries);
  }

  /** The route of a request, by its path as it is sent to the worker. */
  find(head: RequestHead): RouteMatch | null {
    const path = head.bytes.toString("latin1", head.pathStart, head.pathEnd);
    this.#method = head.method;
    if (!PLAIN_PATH.test(path) || !PLAIN_METHOD.test(this.#method) || LONG_NUMBER.test(path)) return null;
    const entry = this.#paths.find(path, this);
    if (entry === null) return null;
    const { index, parameterCount: count, takesRest } = entry;
    if (count === 0) return null;
    const { offsets } = this.#paths;
    // To the table `/files/{rest:path}` is for `/files`, too. To apps it is not.
    if (takesRest && path.charCodeAt(offsets[2 * count - 2]! - 1) !== SLASH) return null;
    const ranges: number[] = [];
    for (let at = 0; at < 2 * count; at++) ranges.push(head.pathStart + offsets[at]!);
    return { table: this.table, index, bytes: head.bytes, ranges };
  }

  /** @internal Asked for each entry whose path fits. */
  takes({ methods }: Entry): boolean {
    return methods.size === 0 || methods.has(this.#method);
  }
}
