import { FieldBlock } from "../../protocols/http/field-block.ts";

/** The fields of the handshake, which are the engine's to answer. */
const HANDSHAKE_FIELD = /^sec-websocket-/i;

/** An app's fields without those that the engine writes itself. */
export function withoutHandshake(fields: FieldBlock): FieldBlock {
  const kept = new FieldBlock(Math.max(1, fields.count));
  kept.clear(fields.bytes);
  for (let index = 0; index < fields.count; index++) {
    if (HANDSHAKE_FIELD.test(fields.name(index))) continue;
    const [valueStart, valueEnd] = [fields.valueStart(index), fields.valueEnd(index)];
    kept.add(fields.nameStart(index), fields.nameEnd(index), valueStart, valueEnd, fields.nameHash(index));
  }
  return kept;
}
