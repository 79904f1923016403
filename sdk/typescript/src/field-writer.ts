import type { FieldList } from "./field-list.ts";
import type { FrameWriter } from "./frame-writer.ts";

/** Writes fields under a key of the frame that is being written. */
export function writeFields(writer: FrameWriter, key: "headers" | "trailers", fields: FieldList): void {
  writer.key(key);
  writer.map(fields.length);
  for (const [name, value] of fields) {
    writer.headerText(name);
    if (typeof value === "string") writer.headerText(value);
    else {
      writer.array(value.length);
      for (const each of value) writer.headerText(each);
    }
  }
}
