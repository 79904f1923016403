import type { MsgpackCursor } from "./msgpack-cursor.ts";

/** The keys a reader knows of a map. Whatever else a map holds is its writer's business and is skipped by the reader. */
export class MapKeys<Name extends string> {
  readonly #names: readonly Name[];
  readonly #bytes: readonly Buffer[];

  /** @param names ASCII, the most frequent first: they are tried in this order. */
  constructor(names: readonly Name[]) {
    this.#names = names;
    this.#bytes = names.map((name) => Buffer.from(name, "latin1"));
  }

  /** Moves behind the next key, of whatever type, and names it if it is a known one. `depth` is the map's own. */
  read(cursor: MsgpackCursor, depth: number): Name | null {
    const type = cursor.peekType();
    if (type !== "string" && type !== "binary") {
      cursor.skip(depth);
      return null;
    }
    cursor.readBytes();
    for (let index = 0; index < this.#bytes.length; index++) {
      if (isRange(cursor, this.#bytes[index]!)) return this.#names[index]!;
    }
    return null;
  }
}

function isRange(cursor: MsgpackCursor, expected: Buffer): boolean {
  const { bytes, rangeStart, rangeEnd } = cursor;
  if (rangeEnd - rangeStart !== expected.length) return false;
  for (let index = 0; index < expected.length; index++) {
    if (bytes[rangeStart + index] !== expected[index]) return false;
  }
  return true;
}
