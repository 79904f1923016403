import { PATTERN_SEGMENT_COUNT_MAX, type PathPattern } from "./path-pattern.ts";
import { hashCharacter, SegmentTexts } from "./segment-texts.ts";

const SLASH = 0x2f;

/** Who decides whether an entry whose pattern matches is the one. */
export interface EntryJudge<Entry> {
  takes(entry: Entry): boolean;
}

interface Node<Entry> {
  readonly texts: SegmentTexts<Node<Entry>>;
  int: Node<Entry> | null;
  any: Node<Entry> | null;
  /** Of patterns that end here, in the order of their precedence. */
  readonly exact: Entry[];
  /** Of patterns that take everything below. */
  readonly rest: Entry[];
}

/**
 * Finds the entries whose patterns match a path, the most specific first: at each segment from the left a text comes before `{name:int}`,
 * that before `{name}`, and that before what takes the rest. Whoever is found and not taken leads on to the next one.
 *
 * It is a tree of segments. Each of its nodes is looked at once at most, whatever the path, so a search is bounded by the table and not by
 * whoever writes the path.
 */
export class PathTable<Entry> {
  readonly #root: Node<Entry> = createNode();
  readonly #offsets = new Int32Array(2 * PATTERN_SEGMENT_COUNT_MAX + 2);

  /** Entries of one shape are asked in the order in which they were added. */
  add({ segments, rest }: PathPattern, entry: Entry): void {
    let node = this.#root;
    for (const segment of segments) {
      if (segment.kind === "text") {
        let next = node.texts.get(segment.text);
        if (next === null) {
          next = createNode();
          node.texts.add(segment.text, next);
        }
        node = next;
      } else {
        node = node[segment.kind] ??= createNode();
      }
    }
    (rest === null ? node.exact : node.rest).push(entry);
  }

  /** @param path as `readPath` returns it. */
  find(path: string, judge: EntryJudge<Entry>): Entry | null {
    return this.#search(this.#root, path, 1, 0, judge);
  }

  /** Of the entry that was found last. */
  get offsets(): Int32Array {
    return this.#offsets;
  }

  #search(node: Node<Entry>, path: string, start: number, depth: number, judge: EntryJudge<Entry>): Entry | null {
    let hash = 0;
    let end = start;
    for (; end < path.length; end++) {
      const code = path.charCodeAt(end);
      if (code === SLASH) break;
      hash = hashCharacter(hash, code);
    }
    const text = node.texts.find(hash, path, start, end);
    let found = text === null ? null : this.#enter(text, path, end, depth, judge);
    if (found !== null) return found;
    if (end > start) {
      if (node.int !== null && isInteger(path, start, end)) {
        this.#note(depth, start, end);
        found = this.#enter(node.int, path, end, depth + 1, judge);
        if (found !== null) return found;
      }
      if (node.any !== null) {
        this.#note(depth, start, end);
        found = this.#enter(node.any, path, end, depth + 1, judge);
        if (found !== null) return found;
      }
    }
    return this.#firstTaken(node.rest, start, path.length, depth, judge);
  }

  /** Goes on behind a segment that ended at `end`. */
  #enter(node: Node<Entry>, path: string, end: number, depth: number, judge: EntryJudge<Entry>): Entry | null {
    if (end < path.length) return this.#search(node, path, end + 1, depth, judge);
    return firstOf(node.exact, judge) ?? this.#firstTaken(node.rest, end, end, depth, judge);
  }

  #firstTaken(
    entries: readonly Entry[],
    start: number,
    end: number,
    depth: number,
    judge: EntryJudge<Entry>,
  ): Entry | null {
    if (entries.length === 0) return null;
    this.#note(depth, start, end);
    return firstOf(entries, judge);
  }

  #note(depth: number, start: number, end: number): void {
    this.#offsets[2 * depth] = start;
    this.#offsets[2 * depth + 1] = end;
  }
}

function firstOf<Entry>(entries: readonly Entry[], judge: EntryJudge<Entry>): Entry | null {
  for (const entry of entries) if (judge.takes(entry)) return entry;
  return null;
}

function createNode<Entry>(): Node<Entry> {
  return { texts: new SegmentTexts(), int: null, any: null, exact: [], rest: [] };
}

/** Digits only, few enough for a safe integer. */
function isInteger(path: string, start: number, end: number): boolean {
  if (end - start > 15) return false;
  for (let at = start; at < end; at++) {
    const digit = path.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return false;
  }
  return true;
}
