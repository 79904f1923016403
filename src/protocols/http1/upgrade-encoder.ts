import type { Arena } from "../../kernel/arena.ts";
import type { FieldBlock } from "../http/field-block.ts";
import { encodeFields } from "./field-encoder.ts";

/** What the last response of HTTP on a connection says. */
export interface UpgradeHead {
  /** As in the client's Upgrade field. */
  readonly protocol: string;
  /** Of the new protocol's opening; values are latin-1 without control characters. */
  readonly ownFields: readonly (readonly [name: string, value: string])[];
  /** Of the application; `null` for none. */
  readonly fields: FieldBlock | null;
}

/** Appends `101 Switching Protocols`, after which the connection belongs to `protocol`. RFC 9110 §7.8 and §15.2.2. */
export function encodeUpgrade(arena: Arena, { protocol, ownFields, fields }: UpgradeHead): void {
  arena.writeLatin1(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${protocol}\r\nConnection: Upgrade\r\n`);
  if (fields !== null) encodeFields(arena, fields);
  for (const [name, value] of ownFields) arena.writeLatin1(`${name}: ${value}\r\n`);
  arena.writeLatin1("\r\n");
}
