import { Arena } from "../../kernel/arena.ts";
import {
  writeArrayHeader,
  writeAsciiStr,
  writeMapHeader,
  writeStrHeader,
  writeUint,
} from "../msgpack/msgpack-writer.ts";

/** What a worker is told of a form that the engine has read: bytes, whatever they are. */
export interface FormFacts {
  readonly fields: readonly { readonly name: Buffer; readonly value: Buffer }[];
  readonly files: readonly {
    readonly name: Buffer;
    readonly filename: Buffer;
    readonly type: Buffer;
    readonly path: string;
    readonly byteLength: number;
  }[];
}

/** How many entries `encodeForm` makes. */
export const FORM_KEY_COUNT = 2;

/** What the arena keeps between two forms. */
const KEPT_BYTES_MAX = 64 * 1024;

/** Shared: encoding never yields. */
let scratch = new Arena();

/** Encodes two entries of a request's map, `form` and `files`, with their keys (docs/reference/wire.md, W2.61). */
export function encodeForm({ fields, files }: FormFacts): Buffer {
  scratch.truncate(0);
  writeAsciiStr(scratch, "form");
  const values = grouped(fields);
  writeMapHeader(scratch, values.size);
  for (const list of values.values()) {
    writeBytes(list[0]!.name);
    writeArrayHeader(scratch, list.length);
    for (const { value } of list) writeBytes(value);
  }
  writeAsciiStr(scratch, "files");
  writeArrayHeader(scratch, files.length);
  for (const { name, filename, type, path, byteLength } of files) {
    writeMapHeader(scratch, 5);
    for (const [key, text] of Object.entries({ name, filename, type, path: Buffer.from(path) })) {
      writeAsciiStr(scratch, key);
      writeBytes(text);
    }
    writeAsciiStr(scratch, "size");
    writeUint(scratch, byteLength);
  }
  const encoded = scratch.copyOut();
  if (scratch.capacityBytes > KEPT_BYTES_MAX) scratch = new Arena();
  return encoded;
}

/** Fields by their names, both in the order in which they came. */
function grouped(fields: FormFacts["fields"]): ReadonlyMap<string, FormFacts["fields"][number][]> {
  const groups = new Map<string, FormFacts["fields"][number][]>();
  for (const field of fields) {
    const key = field.name.toString("latin1"); // A letter for each byte: names that differ stay different.
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [field]);
    else group.push(field);
  }
  return groups;
}

function writeBytes(bytes: Buffer): void {
  writeStrHeader(scratch, bytes.length);
  scratch.writeBytes(bytes);
}
