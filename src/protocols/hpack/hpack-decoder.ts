import { BlockCursor } from "./block-cursor.ts";
import { DynamicTable } from "./dynamic-table.ts";
import type { FieldSink } from "./field-sink.ts";
import { HpackError } from "./hpack-error.ts";
import { STATIC_COUNT, STATIC_NAME_START, STATIC_TEXT, STATIC_VALUE_END, STATIC_VALUE_START } from "./static-table.ts";

/** The first octet of a representation (RFC 7541 §6), and the largest value of the integer that starts in it. */
const INDEXED = 0x80;
const INDEXED_MAX = 0x7f;
const INCREMENTAL = 0x40;
const INCREMENTAL_MAX = 0x3f;
const SIZE_UPDATE = 0x20;
const SIZE_UPDATE_MAX = 0x1f;
const LITERAL_MAX = 0x0f;

/** One serves all connections of the process: decoding never yields. */
const cursor = new BlockCursor();

/**
 * Decodes the header blocks of one direction of one connection, in their order, without making a string or an object a field. RFC 7541.
 *
 * Invariants: the table changes exactly as the peer's does, whatever the sink thinks of the fields; work and memory of a block are bounded
 * by its own length, by the sink's bound, and by the table's capacity for each octet that adds an entry.
 */
export class HpackDecoder {
  readonly #table: DynamicTable;

  /** @param tableBytesMax the `SETTINGS_HEADER_TABLE_SIZE` that was announced. */
  constructor(tableBytesMax: number) {
    this.#table = new DynamicTable(tableBytesMax);
  }

  /** The size of the dynamic table by RFC 7541 §4.1. */
  get tableBytes(): number {
    return this.#table.byteLength;
  }

  /**
   * Decodes the whole block `bytes[start, end)` into `sink`.
   *
   * @throws {HpackError} after which the decoder is not used again.
   */
  decode(bytes: Buffer, start: number, end: number, sink: FieldSink): void {
    cursor.start(bytes, start, end);
    let isFieldSeen = false;
    while (cursor.at < end) {
      const octet = bytes[cursor.at]!;
      if (octet >= INDEXED) {
        this.#readIndexed(sink);
      } else if (octet >= INCREMENTAL) {
        this.#readLiteral(sink, INCREMENTAL_MAX, true);
      } else if (octet >= SIZE_UPDATE) {
        if (isFieldSeen) throw new HpackError("a table size update behind a field", "updates stand before all fields");
        this.#readSizeUpdate();
        continue;
      } else {
        this.#readLiteral(sink, LITERAL_MAX, false); // Never indexed or not: only who hands fields on has to tell them apart.
      }
      isFieldSeen = true;
    }
    cursor.finish();
  }

  #readIndexed(sink: FieldSink): void {
    const index = cursor.readInteger(INDEXED_MAX);
    this.#check(index);
    if (sink.isFull) return;
    const { text } = sink;
    const nameStart = text.end;
    if (index <= STATIC_COUNT) {
      const from = STATIC_NAME_START[index]!;
      const valueFrom = STATIC_VALUE_START[index]!;
      text.writeBytes(STATIC_TEXT, from, STATIC_VALUE_END[index]);
      sink.onField(nameStart, nameStart + valueFrom - from, text.end);
    } else {
      const table = this.#table;
      const age = index - STATIC_COUNT - 1;
      const from = table.nameStart(age);
      const valueFrom = table.valueStart(age);
      text.writeBytes(table.text, from, table.valueEnd(age));
      sink.onField(nameStart, nameStart + valueFrom - from, text.end);
    }
  }

  #readLiteral(sink: FieldSink, prefixMax: number, isIncremental: boolean): void {
    const { text } = sink;
    const nameStart = text.end;
    const index = cursor.readInteger(prefixMax);
    if (index === 0) cursor.readString(text);
    else this.#writeName(index, sink);
    const valueStart = text.end;
    cursor.readString(text);
    if (isIncremental) this.#table.add(text.bytes, nameStart, valueStart, text.end);
    if (sink.isFull) text.truncate(nameStart);
    else sink.onField(nameStart, valueStart, text.end);
  }

  #writeName(index: number, { text }: FieldSink): void {
    this.#check(index);
    if (index <= STATIC_COUNT) {
      text.writeBytes(STATIC_TEXT, STATIC_NAME_START[index], STATIC_VALUE_START[index]);
    } else {
      const age = index - STATIC_COUNT - 1;
      text.writeBytes(this.#table.text, this.#table.nameStart(age), this.#table.valueStart(age));
    }
  }

  #readSizeUpdate(): void {
    const capacity = cursor.readInteger(SIZE_UPDATE_MAX);
    const { capacityMax } = this.#table;
    if (capacity > capacityMax) {
      throw new HpackError(`a table size of ${capacity}`, `SETTINGS_HEADER_TABLE_SIZE allows ${capacityMax} bytes`);
    }
    this.#table.resize(capacity);
  }

  #check(index: number): void {
    if (index === 0) throw new HpackError("index 0", "indexes start at 1");
    if (index > STATIC_COUNT + this.#table.count) {
      throw new HpackError(`index ${index}`, `the tables end at ${STATIC_COUNT + this.#table.count}`);
    }
  }
}
