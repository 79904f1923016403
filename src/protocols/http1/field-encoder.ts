import type { Arena } from "../../kernel/arena.ts";
import type { FieldBlock } from "../http/field-block.ts";
import { isConnectionField, isNominated } from "../http/field-rules.ts";

const COLON_SP = 0x3a20;
const CR_LF = 0x0d0a;

/**
 * Appends `fields` in their order and with their bytes, without those that speak of the connection: the engine frames messages and keeps
 * connections, an application cannot. That includes what its Connection field nominates (RFC 9110 §7.6.1).
 */
export function encodeFields(arena: Arena, fields: FieldBlock): void {
  const connection = fields.find("connection", 0);
  for (let index = 0; index < fields.count; index++) {
    if (isConnectionField(fields, index)) continue;
    if (connection !== -1 && isNominated(fields, index, connection)) continue;
    arena.writeBytes(fields.bytes, fields.nameStart(index), fields.nameEnd(index));
    arena.writeUint16(COLON_SP);
    arena.writeBytes(fields.bytes, fields.valueStart(index), fields.valueEnd(index));
    arena.writeUint16(CR_LF);
  }
}
