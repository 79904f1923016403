import type { Arena } from "../../kernel/arena.ts";
import { EOS, HUFFMAN_CODES } from "./huffman-code.ts";

/** The shortest code has five bits: a string grows by no more than this when it is decoded. */
const SHORTEST_CODE_BITS = 5;
/** RFC 7541 §5.2: padding is shorter than an octet. */
const PADDING_BITS_MAX = 7;

/**
 * The code as a machine that takes four bits at a time. Its states are the inner nodes of the code's tree, 0 being the root, and one more
 * that is never left: what no code begins with, EOS included, ends there. An entry is `next state << 9 | emits << 8 | octet`; no four bits
 * end two codes.
 */
const EMITS = 1 << 8;
const NEXT_SHIFT = 9;
const { steps: STEPS, isEnd: IS_END } = buildMachine();

/**
 * Appends the string that `source[start, end)` encodes to `target`. RFC 7541 §5.2.
 *
 * @returns false when it is none: it holds EOS, ends inside a code, or is padded with more than seven bits or with others than ones.
 */
export function decodeHuffman(source: Buffer, start: number, end: number, target: Arena): boolean {
  target.reserve(Math.ceil(((end - start) * 8) / SHORTEST_CODE_BITS));
  const { bytes } = target;
  let to = target.end;
  let state = 0;
  for (let at = start; at < end; at++) {
    const octet = source[at]!;
    let step = STEPS[(state << 4) | (octet >>> 4)]!;
    if ((step & EMITS) !== 0) bytes[to++] = step;
    step = STEPS[((step >>> NEXT_SHIFT) << 4) | (octet & 0x0f)]!;
    if ((step & EMITS) !== 0) bytes[to++] = step;
    state = step >>> NEXT_SHIFT;
  }
  target.end = to;
  return IS_END[state] === 1;
}

interface Node {
  readonly children: [Branch, Branch];
  readonly state: number;
  /** Bits from the root, when all of them are ones; else more than any padding has. */
  readonly onesCount: number;
}

/** An inner node, or the symbol of a leaf. */
type Branch = Node | number | null;

interface Machine {
  readonly steps: Uint32Array;
  /** By state: whether a string may end there, because what led to it from the last code is padding. */
  readonly isEnd: Uint8Array;
}

function buildMachine(): Machine {
  const nodes = buildTree();
  const lost = nodes.length;
  const steps = new Uint32Array((lost + 1) << 4).fill(lost << NEXT_SHIFT);
  const isEnd = new Uint8Array(lost + 1);
  for (const node of nodes) {
    isEnd[node.state] = node.onesCount <= PADDING_BITS_MAX ? 1 : 0;
    for (let bits = 0; bits < 16; bits++) steps[(node.state << 4) | bits] = walk(node, bits, nodes[0]!, lost);
  }
  return { steps, isEnd };
}

function buildTree(): readonly Node[] {
  const root: Node = { children: [null, null], state: 0, onesCount: 0 };
  const nodes = [root];
  for (const { symbol, bits, bitCount } of HUFFMAN_CODES) {
    let node = root;
    for (let shift = bitCount - 1; shift > 0; shift--) {
      const bit = (bits >>> shift) & 1;
      let child = node.children[bit]!;
      if (child === null) {
        const onesCount = bit === 1 ? node.onesCount + 1 : Infinity;
        child = { children: [null, null], state: nodes.length, onesCount };
        node.children[bit] = child;
        nodes.push(child);
      }
      node = child as Node;
    }
    node.children[bits & 1] = symbol;
  }
  return nodes;
}

/** The entry for taking four bits at `node`. */
function walk(node: Node, bits: number, root: Node, lost: number): number {
  let at = node;
  let emitted = 0;
  for (let shift = 3; shift >= 0; shift--) {
    const branch = at.children[(bits >>> shift) & 1]!;
    if (branch === null || branch === EOS) return lost << NEXT_SHIFT;
    if (typeof branch === "number") {
      emitted = EMITS | branch;
      at = root;
    } else {
      at = branch;
    }
  }
  return (at.state << NEXT_SHIFT) | emitted;
}
