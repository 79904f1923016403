import type { Arena } from "../../kernel/arena.ts";

/**
 * Who takes the fields of a header block, one after the other. It bounds what a block may grow to: the decoder only ever writes one field
 * beyond what the sink lets stand.
 */
export interface FieldSink {
  /** Where the decoder puts the octets of a field, at its end: the name, then the value. */
  readonly text: Arena;
  /**
   * True when no further field is wanted. The decoder goes on, because its table has to keep up with the peer's, and leaves out what the
   * table does not need: an index that stands for kilobytes costs no more than an octet then.
   */
  readonly isFull: boolean;
  /** A field whose name is at `[nameStart, valueStart)` and whose value is at `[valueStart, valueEnd)` of `text`. May truncate `text` to drop it. */
  onField(nameStart: number, valueStart: number, valueEnd: number): void;
}
