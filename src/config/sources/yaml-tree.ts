import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  type YAMLError,
  type YAMLMap,
} from "yaml";
import { escapeUnprintable, quote } from "../../base/printable.ts";

/** Counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** What stands at a place of the file. Every scalar is text: what `8.10` or `yes` means is for the option to say. */
export type YamlNode =
  | { readonly kind: "empty"; readonly position: Position }
  | { readonly kind: "text"; readonly text: string; readonly position: Position }
  | { readonly kind: "list"; readonly items: readonly YamlNode[]; readonly position: Position }
  | { readonly kind: "map"; readonly entries: readonly YamlEntry[]; readonly position: Position };

/** One key of a map with the position of the key. Keys may repeat here. */
export interface YamlEntry {
  readonly key: string;
  readonly position: Position;
  readonly value: YamlNode;
}

/** Something that is not YAML, or YAML that means nothing in a configuration. */
export interface YamlFault {
  readonly position: Position;
  readonly state: string;
}

/** Either a tree without faults (null for a file that holds nothing), or faults and no tree. */
export interface YamlTree {
  readonly root: YamlNode | null;
  readonly faults: readonly YamlFault[];
}

/** Values of one file, aliases counted each time they are used: a billion laughs end here. */
const NODE_COUNT_MAX = 10_000;
/** Nothing that has a meaning is deeper than six. */
const DEPTH_MAX = 32;
/** One slip can upset the whole rest of a file: more faults than these say nothing new. */
const FAULT_COUNT_MAX = 20;
/** Characters of a fault that are shown: some repeat what stands in the file. */
const FAULT_LENGTH_MAX = 200;

const TOO_MUCH = `The file holds more than ${NODE_COUNT_MAX} values or is nested deeper than ${DEPTH_MAX}`;

/**
 * Parses YAML 1.2 into positions and text, without resolving types, tags or merge keys. Work and memory are linear in the text: duplicate
 * keys are left to the reader, for the library's own check compares each key with every other.
 */
export function parseYamlTree(text: string): YamlTree {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    schema: "failsafe",
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
  });
  const reader = new TreeReader(lines);
  for (const error of [...document.errors, ...document.warnings]) reader.fault(error.pos[0], describeFault(error));
  const root = reader.faults.length > 0 || document.contents === null ? null : reader.read(document.contents, 0);
  return reader.faults.length > 0 ? { root: null, faults: reader.faults } : { root, faults: [] };
}

class TreeReader {
  readonly faults: YamlFault[] = [];
  readonly #lines: LineCounter;
  readonly #anchors = new Map<string, Node>();
  #nodeCount = 0;

  constructor(lines: LineCounter) {
    this.#lines = lines;
  }

  /** Keeps one fault a line: the ones after it on the line follow from it. That there is too much needs to be said once. */
  fault(offset: number, state: string): void {
    const position = this.#position(offset);
    const isFollowUp = this.faults.some(
      (fault) => fault.position.line === position.line || (state === TOO_MUCH && fault.state === state),
    );
    if (!isFollowUp && this.faults.length < FAULT_COUNT_MAX) this.faults.push({ position, state });
  }

  read(node: Node, depth: number): YamlNode {
    const offset = node.range?.[0] ?? 0;
    const position = this.#position(offset);
    const empty: YamlNode = { kind: "empty", position };
    if (++this.#nodeCount > NODE_COUNT_MAX || depth > DEPTH_MAX) {
      this.fault(offset, TOO_MUCH);
      return empty;
    }
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (target !== undefined) return this.read(target, depth + 1);
      this.fault(offset, `No anchor before it is named ${quote(node.source)}`);
      return empty;
    }
    if ("anchor" in node && node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isMap(node)) return { kind: "map", entries: this.#readEntries(node, depth), position };
    if (isSeq(node)) {
      return { kind: "list", items: node.items.map((item) => this.read(item as ParsedNode, depth + 1)), position };
    }
    if (!isScalar(node) || typeof node.value !== "string") {
      this.fault(offset, "The value is not text");
      return empty;
    }
    const isEmpty = node.type === "PLAIN" && /^(?:|~|null|Null|NULL)$/.test(node.value);
    return isEmpty ? empty : { kind: "text", text: node.value, position };
  }

  #readEntries(map: YAMLMap, depth: number): YamlEntry[] {
    const entries: YamlEntry[] = [];
    for (const pair of map.items) {
      const key = pair.key as Node;
      const offset = key.range?.[0] ?? 0;
      if (!isScalar(key) || typeof key.value !== "string") {
        this.fault(offset, "The key is not text");
        continue;
      }
      const position = this.#position(offset);
      const value: YamlNode =
        pair.value === null ? { kind: "empty", position } : this.read(pair.value as Node, depth + 1);
      entries.push({ key: key.value, position, value });
    }
    return entries;
  }

  #position(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }
}

/** What the library says, safe to print and without what it tells its programmers. */
function describeFault({ code, message }: YAMLError): string {
  if (code === "MULTIPLE_DOCS") return "The file holds more than one document";
  if (code === "RESOURCE_EXHAUSTION") return TOO_MUCH;
  const shown = escapeUnprintable(message);
  return shown.length > FAULT_LENGTH_MAX ? `${shown.slice(0, FAULT_LENGTH_MAX)}…` : shown;
}
