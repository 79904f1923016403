import { FieldBlock, hashName } from "./field-block.ts";

/** A field of the engine's own; the name in its usual case, the value latin-1 without control characters. */
export type OwnField = readonly [name: string, value: string];

/** Lays fields of the engine's own out as a block that owns its bytes. Made once and sent often, or rarely: it costs a buffer. */
export function fieldBlockOf(fields: readonly OwnField[]): FieldBlock {
  let text = "";
  const block = new FieldBlock(Math.max(1, fields.length));
  for (const [name, value] of fields) {
    const start = text.length;
    text += name + value;
    block.add(start, start + name.length, start + name.length, text.length, hashName(name.toLowerCase()));
  }
  block.bytes = Buffer.from(text, "latin1");
  return block;
}

/** The fields of a block as text, in their order; for what is rare. */
export function fieldListOf(block: FieldBlock): OwnField[] {
  return Array.from({ length: block.count }, (_, index) => [block.name(index), block.value(index)] as const);
}
