import { FieldBlock, hashName } from "../../src/protocols/http/field-block.ts";

/**
 * Lays fields out in memory as a decoder would, at an offset that is not 0, so that a lost base shows.
 *
 * @param room fields the block has room for before it grows.
 */
export function buildFieldBlock(
  fields: readonly (readonly [name: string, value: string])[],
  room: number = 1,
): FieldBlock {
  const block = new FieldBlock(room);
  let text = "before";
  for (const [name, value] of fields) {
    const start = text.length;
    text += `${name}: ${value}\r\n`;
    const valueStart = start + name.length + 2;
    block.add(start, start + name.length, valueStart, valueStart + value.length, hashName(name.toLowerCase()));
  }
  block.bytes = Buffer.from(`${text}after`, "latin1");
  return block;
}
