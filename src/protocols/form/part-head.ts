import type { HttpError } from "../http/http-error.ts";
import { formTooLarge, invalidForm } from "./form-limits.ts";

/** What a part of a multipart form says of itself: bytes as the client sent them, whatever their encoding. RFC 7578 §4. */
export interface PartHead {
  /** Of the field. */
  readonly name: Buffer;
  /** The last component of what the client calls the file; null for a field that is none. Not to be trusted. */
  readonly filename: Buffer | null;
  /** Its Content-Type as it stands there; empty where it has none. */
  readonly type: Buffer;
}

const FIELD_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/;

/** Quoted text keeps its backslashes, but for those before quotes and backslashes: browsers escape nothing, others these two. */
const PARAMETER = /^;[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)=(?:"((?:[^"\\]|\\[^])*)"|([^\s;"]+))[ \t]*/;

/** Content that was encoded for mail would reach the app encoded. RFC 7578 §4.7. */
const PLAIN_ENCODING = /^(?:7bit|8bit|binary)$/i;

/**
 * Reads the header of a part, without the empty line at its end.
 *
 * @param nameBytesMax of the field's name, and of the file's.
 * @throws {HttpError} 400 for what breaks the rules of RFC 7578, 413 for a name that is too long.
 */
export function readPartHead(bytes: Buffer, start: number, end: number, nameBytesMax: number): PartHead {
  let disposition: string | null = null;
  let type: string | null = null;
  for (const line of bytes.toString("latin1", start, end).split("\r\n")) {
    const [, name = "", value = ""] = FIELD_LINE.exec(line) ?? [];
    if (name === "") throw badHeader("a line of its header cannot be read");
    switch (name.toLowerCase()) {
      case "content-disposition":
        if (disposition !== null) throw badHeader("it has two Content-Disposition fields");
        disposition = value;
        break;
      case "content-type":
        if (type !== null) throw badHeader("it has two Content-Type fields");
        type = value;
        break;
      case "content-transfer-encoding":
        if (!PLAIN_ENCODING.test(value)) throw badHeader("its content is encoded for mail");
    }
  }
  return { ...namesIn(disposition, nameBytesMax), type: Buffer.from(type ?? "", "latin1") };
}

function namesIn(disposition: string | null, nameBytesMax: number): Pick<PartHead, "name" | "filename"> {
  const [kind = ""] = /^[^;]*/.exec(disposition ?? "") ?? [];
  if (kind.trimEnd().toLowerCase() !== "form-data") throw badHeader("its Content-Disposition is not form-data");
  const names = new Map<string, string>();
  for (let rest = (disposition ?? "").slice(kind.length); rest !== "";) {
    const [whole = "", key = "", quoted, plain = ""] = PARAMETER.exec(rest) ?? [];
    if (whole === "") throw badHeader("the parameters of its Content-Disposition cannot be read");
    rest = rest.slice(whole.length);
    const parameter = key.toLowerCase();
    if (names.has(parameter)) throw badHeader(`it has two parameters ${parameter}`);
    names.set(parameter, quoted?.replace(/\\(["\\])/g, "$1") ?? plain);
  }
  const name = names.get("name");
  if (name === undefined) throw badHeader("it has no name");
  const filename = names.get("filename");
  if (Math.max(name.length, filename?.length ?? 0) > nameBytesMax) throw formTooLarge("max_name_size", nameBytesMax);
  return {
    name: Buffer.from(name, "latin1"),
    filename: filename === undefined ? null : Buffer.from(lastComponent(filename), "latin1"),
  };
}

/** Of a path of any system; empty for what leads elsewhere. */
function lastComponent(path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  return name === "." || name === ".." ? "" : name;
}

function badHeader(state: string): HttpError {
  return invalidForm(`of one of its parts ${state}`, "fields as in RFC 7578 are allowed");
}
