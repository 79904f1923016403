import { hashName } from "../../src/protocols/http/field-block.ts";
import { RequestHead } from "../../src/protocols/http/request-head.ts";

/** A request's head in words; every text is bytes, one UTF-16 unit a byte. */
export interface RequestWords {
  readonly method: string;
  /** The target as received: everything between method and version. */
  readonly target: string;
  readonly path: string;
  readonly query: string;
  readonly authority: string;
  /** Names and values in order, Host included. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** Lays a request out in memory as a decoder would, at an offset that is not 0, so that a lost base shows. */
export function buildRequestHead(words: RequestWords): RequestHead {
  const head = new RequestHead();
  let text = "before";
  const place = (part: string): readonly [number, number] => {
    const start = text.length;
    text += `${part} `;
    return [start, start + part.length];
  };
  [head.methodStart, head.methodEnd] = place(words.method);
  [head.targetStart, head.targetEnd] = place(words.target);
  [head.pathStart, head.pathEnd] = place(words.path);
  [head.queryStart, head.queryEnd] = place(words.query);
  [head.authorityStart, head.authorityEnd] = place(words.authority);
  for (const [name, value] of words.fields) {
    const [nameStart, nameEnd] = place(name);
    const [valueStart, valueEnd] = place(value);
    head.fields.add(nameStart, nameEnd, valueStart, valueEnd, hashName(name.toLowerCase()));
  }
  head.bytes = Buffer.from(text, "latin1");
  head.fields.bytes = head.bytes;
  return head;
}
