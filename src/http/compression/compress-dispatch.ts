import type { FieldBlock } from "../../protocols/http/field-block.ts";
import type { Dispatch, Exchange } from "../exchange.ts";
import { CompressingWriter } from "./compressing-writer.ts";
import type { Compression } from "./compression.ts";

/** Compresses what `dispatch` answers. */
export function compressAnswers(dispatch: Dispatch, compression: Compression): Dispatch {
  return (exchange) => {
    compressAnswer(exchange, compression);
    return dispatch(exchange);
  };
}

/** Compresses what the exchange is going to be answered. */
export function compressAnswer(exchange: Exchange, compression: Compression): void {
  const { head } = exchange;
  const request = {
    acceptEncoding: listOf(head.fields, "accept-encoding"),
    ifNoneMatch: listOf(head.fields, "if-none-match"),
    isHead: head.isMethod("HEAD"),
  };
  exchange.intercept((writer) => new CompressingWriter(writer, compression, request));
}

/** RFC 9110 §5.3: several fields of a name are one list. */
function listOf(fields: FieldBlock, lowerCaseName: string): string | null {
  let list: string | null = null;
  for (let at = fields.find(lowerCaseName, 0); at !== -1; at = fields.find(lowerCaseName, at + 1)) {
    list = list === null ? fields.value(at) : `${list}, ${fields.value(at)}`;
  }
  return list;
}
